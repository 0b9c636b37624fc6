//! Where a path that a user wrote is on this worker, and whether the user's tenant may have it read.

use std::path::{Path, PathBuf};

use trainyard_events::TenantId;
use trainyard_events::reason::Unfit;

/// A folder that may be read for a tenant, or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub tenant: Option<TenantId>,
    pub path: PathBuf,
}

/// Whether what lies below `root` may be read for `tenant`.
pub(crate) fn may_read(root: &Root, tenant: &TenantId) -> bool {
    root.tenant.as_ref().is_none_or(|of| of == tenant)
}

/// What `path` names, if that is below one of the tenant's roots, whatever links say.
pub(crate) fn allowed(path: &str, tenant: &TenantId, roots: &[Root]) -> Result<PathBuf, Unfit> {
    let resolved = resolve(path)?;
    // Of what is not there the name decides; who looks says that there is nothing.
    let real = std::fs::canonicalize(&resolved).unwrap_or_else(|_| without_dots(&resolved));
    let is_below = |root: &&Root| {
        let folder = std::fs::canonicalize(&root.path).unwrap_or_else(|_| root.path.clone());
        may_read(root, tenant) && real.starts_with(folder)
    };
    match roots.iter().find(is_below) {
        Some(_) => Ok(resolved),
        None => Err(Unfit::OutsideRoots { path: path.to_owned() }),
    }
}

fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// Absolute paths stay; `~` is the home of the worker's account; the rest is below the folder the worker was started in.
fn resolve(path: &str) -> Result<PathBuf, Unfit> {
    if path
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        return Err(Unfit::RemotePath { path: path.to_owned() });
    }
    if let Some(below) = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        let home = std::env::home_dir().ok_or_else(|| Unfit::NoHomeFolder { path: path.to_owned() })?;
        return Ok(home.join(below.trim_start_matches('/')));
    }
    Ok(std::path::absolute(path).unwrap_or_else(|_| Path::new(path).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_roots_of_a_tenant_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["shared/pets", "acme/parts", "other", "sharedness"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        std::os::unix::fs::symlink(at("other"), at("shared/link")).unwrap();
        std::os::unix::fs::symlink(at("shared/pets"), at("other/back")).unwrap();
        let (acme, globex): (TenantId, TenantId) = ("acme".parse().unwrap(), "globex".parse().unwrap());
        let roots = [
            Root { tenant: None, path: at("shared") },
            Root { tenant: Some(acme.clone()), path: at("acme") },
        ];
        let may =
            |path: &str, tenant: &TenantId| allowed(&at(path).display().to_string(), tenant, &roots).is_ok();
        for (path, of_acme, of_globex) in [
            ("shared", true, true),
            ("shared/pets", true, true),
            ("shared/nothing/yet", true, true),
            ("shared/../shared/pets", true, true),
            ("other/back", true, true),
            ("acme/parts", true, false),
            ("other", false, false),
            ("shared/link", false, false),
            ("shared/../other", false, false),
            ("shared/nothing/../../other/x", false, false),
            ("sharedness", false, false),
            ("", false, false),
        ] {
            assert_eq!((may(path, &acme), may(path, &globex)), (of_acme, of_globex), "{path}");
        }
        assert!(allowed("/etc", &acme, &[]).is_err());
    }

    #[test]
    fn paths_are_found_where_their_writer_means() {
        let here = std::env::current_dir().unwrap();
        let home = std::env::home_dir().unwrap();
        let table = [
            ("/data/x", PathBuf::from("/data/x")),
            ("data/x", here.join("data/x")),
            ("~", home.clone()),
            ("~/x", home.join("x")),
            ("~x", here.join("~x")),
            ("a:b", here.join("a:b")),
        ];
        for (path, place) in table {
            assert_eq!(resolve(path).unwrap(), place, "{path}");
        }
        for remote in ["s3://bucket/x", "https://example.org/x.zip"] {
            assert_eq!(resolve(remote), Err(Unfit::RemotePath { path: remote.to_owned() }));
        }
    }
}
