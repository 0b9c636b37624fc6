//! The folders below which workers read what users name by path, as an operator says them.

use std::path::PathBuf;

use anyhow::{Context, Result};
use trainyard_workers::Root;

use crate::language::{language, pick};

/// Each of `said`, `FOLDER` for everybody or `TENANT=FOLDER`; where nothing was said, `here`.
pub(crate) fn roots(said: Option<&[String]>, here: &[PathBuf]) -> Result<Vec<Root>> {
    let Some(said) = said else {
        return Ok(here.iter().map(|path| Root { tenant: None, path: path.clone() }).collect());
    };
    said.iter().filter(|root| !root.is_empty()).map(|root| of(root)).collect()
}

fn of(said: &str) -> Result<Root> {
    // A folder may have the sign in its name; a tenant has no slash.
    let Some((tenant, path)) = said.split_once('=').filter(|(tenant, _)| !tenant.contains('/')) else {
        return Ok(Root { tenant: None, path: std::path::absolute(said)? });
    };
    let tenant = tenant.parse().with_context(|| {
        pick(
            language(),
            format!("dataset_roots의 {said}: 테넌트 이름이 아닙니다"),
            format!("dataset_roots: {said}"),
        )
    })?;
    Ok(Root { tenant: Some(tenant), path: std::path::absolute(path)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_everybodys_or_a_tenants_and_never_silently_nobodys() {
        let root = |said: &str| roots(Some(&[said.to_owned()]), &[]);
        let of = |tenant: Option<&str>, path: &str| Root {
            tenant: tenant.map(|tenant| tenant.parse().expect("a name")),
            path: path.into(),
        };
        assert_eq!(root("/data").expect("a folder"), [of(None, "/data")]);
        assert_eq!(root("acme=/data").expect("a tenant's"), [of(Some("acme"), "/data")]);
        assert_eq!(root("/data/a=b").expect("a folder"), [of(None, "/data/a=b")]);
        assert!(root("Not A Tenant=/data").is_err());
        assert_eq!(root("").expect("nothing"), []);
        assert_eq!(roots(None, &["/here".into()]).expect("here"), [of(None, "/here")]);
    }
}
