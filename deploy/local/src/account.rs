//! Who the servers run as where we are root: a number of their own that is nobody's name.
//!
//! Each data folder has its own, so that nothing else on the machine can read what its servers write, and they can read
//! nothing else.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::Path;

use nix::unistd::{Gid, Group, Uid, User, geteuid};
use trainyard_child::Account;

use crate::LocalError;
use crate::private::write_private;

/// Above the accounts that systems give to people and programs, and within the numbers that a container has.
const FIRST: u32 = 61_184;
const LAST: u32 = 65_519;
const TRIES: u32 = 1_000;
/// The file in the data folder that keeps it.
const KEPT: &str = "account";
/// Accounts below this, and the one after it, are programs', not people's.
const PEOPLE_FIRST: u32 = 1_000;
const NOBODY: u32 = 65_534;

/// That of last time, or a new one; `None` where we are not root, and everything runs as ourselves.
pub(crate) fn of(root: &Path) -> Result<Option<Account>, LocalError> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let path = root.join(KEPT);
    let kept = match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(LocalError::io(&path)(error)),
    };
    // Its own servers of a moment ago may still run.
    if let Some(uid) = kept.filter(|uid| has_no_name(*uid)) {
        return Ok(Some(Account { uid, gid: uid }));
    }
    let busy = busy();
    let free = |uid: &u32| has_no_name(*uid) && !busy.contains(uid);
    let random = (0..TRIES).map(|_| rand::random_range(FIRST..=LAST));
    let uid = random.into_iter().find(free).ok_or_else(|| LocalError::NoUnprivilegedUser {
        reason: format!("no number between {FIRST} and {LAST} is free"),
    })?;
    write_private(&path, &format!("{uid}\n"), None)?;
    Ok(Some(Account { uid, gid: uid }))
}

fn has_no_name(uid: u32) -> bool {
    matches!(User::from_uid(Uid::from_raw(uid)), Ok(None))
        && matches!(Group::from_gid(Gid::from_raw(uid)), Ok(None))
}

/// Who runs something now.
fn busy() -> HashSet<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let status = processes.filter_map(|process| fs::read_to_string(process.path().join("status")).ok());
    let uids = status.filter_map(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        line.split_whitespace().next()?.parse().ok()
    });
    uids.collect()
}

/// An account that has a name, and runs nothing now if there is such a one: initdb and Postgres' single-user mode ask the
/// system who they are, and will not work for a number. `None` where we are not root.
pub(crate) fn with_a_name() -> Result<Option<Account>, LocalError> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let (path, busy) = (Path::new("/etc/passwd"), busy());
    let known = fs::read_to_string(path).map_err(LocalError::io(path))?;
    let accounts = known.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
        (uid != 0 && (uid < PEOPLE_FIRST || uid == NOBODY)).then_some(Account { uid, gid })
    });
    let quietest = accounts.min_by_key(|account| (busy.contains(&account.uid), account.uid != NOBODY));
    let none = || LocalError::NoUnprivilegedUser { reason: "/etc/passwd names nobody but root".to_owned() };
    quietest.map(Some).ok_or_else(none)
}

/// Makes a folder and everything in it the account's, where it is not yet.
pub(crate) fn give(path: &Path, account: Option<Account>) -> Result<(), LocalError> {
    let Some(account) = account else { return Ok(()) };
    let owner = fs::symlink_metadata(path).map_err(LocalError::io(path))?.uid();
    if owner == account.uid {
        return Ok(());
    }
    give_all(path, account).map_err(|error| LocalError::NoUnprivilegedUser {
        reason: format!("{} cannot be given to the account {}: {error}", path.display(), account.uid),
    })
}

/// The folder itself comes last: as long as it is not given, this is not done.
fn give_all(path: &Path, account: Account) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give_all(&entry?.path(), account)?;
        }
    }
    lchown(path, Some(account.uid), Some(account.gid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_keeps_an_account_of_its_own_without_a_name() {
        if !geteuid().is_root() {
            return println!("skipped: we are not root, and so have no other account");
        }
        let [one, other] = [(), ()].map(|()| crate::harness::folder());
        let first = of(&one).unwrap().unwrap();
        assert!((FIRST..=LAST).contains(&first.uid) && first.gid == first.uid);
        assert!(has_no_name(first.uid) && !has_no_name(0) && !has_no_name(NOBODY));
        assert_eq!(of(&one).unwrap(), Some(first));
        let kept = fs::metadata(one.join(KEPT)).unwrap();
        assert_eq!((kept.mode() & 0o777, kept.uid()), (0o600, 0));
        // One chance in four thousand that it is the same: then once more.
        assert!((0..3).any(|_| {
            let _ = fs::remove_file(other.join(KEPT));
            of(&other).unwrap() != Some(first)
        }));
        // A number that has got a name is no longer taken.
        fs::write(one.join(KEPT), format!("{NOBODY}\n")).unwrap();
        assert_ne!(of(&one).unwrap().unwrap().uid, NOBODY);
    }

    #[test]
    fn what_is_given_is_given_whole_and_links_are_not_followed() {
        if !geteuid().is_root() {
            return println!("skipped: only root may give");
        }
        let (folder, outside) = (crate::harness::folder(), crate::harness::folder());
        let (given, account) = (folder.join("given"), Account { uid: FIRST, gid: FIRST });
        fs::create_dir_all(given.join("below")).unwrap();
        fs::write(given.join("below/file"), "").unwrap();
        std::os::unix::fs::symlink(&outside, given.join("link")).unwrap();
        give(&given, Some(account)).unwrap();
        let owner = |path: &Path| fs::symlink_metadata(path).unwrap().uid();
        assert!(["", "below", "below/file", "link"].iter().all(|name| owner(&given.join(name)) == FIRST));
        assert_eq!((owner(&outside), owner(&folder)), (0, 0));
    }
}
