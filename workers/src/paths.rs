//! Where a path that a user wrote is on this worker.

use std::path::{Path, PathBuf};

use trainyard_events::reason::Unfit;

/// Absolute paths stay; `~` is the home of the worker's account; the rest is below the folder the worker was started in.
pub(crate) fn resolve(path: &str) -> Result<PathBuf, Unfit> {
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
