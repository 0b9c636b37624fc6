//! The folder of the store: buckets, files that are being written, and how these get their names.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use s3s::{S3Result, s3_error};
use uuid::Uuid;

use crate::condition::Condition;
use crate::error::{is_missing, no_key, of};
use crate::key;
use crate::object::Object;

/// Beside the buckets, whose names never begin with a dot.
const FRESH: &str = ".new";
pub(crate) const UPLOADS: &str = ".uploads";
const LOCK: &str = ".lock";
const LOCKS: usize = 64;
/// Another may remove the folders that we have just made, since they are empty: so often in a row, never.
const TRIES: u32 = 100;

pub(crate) struct Folder {
    pub(crate) root: PathBuf,
    /// For keys, by hash: held from the look at what is there until it is replaced.
    locks: [Mutex<()>; LOCKS],
    _alone: File,
}

impl Folder {
    /// What an earlier life has not finished writing is gone then.
    pub(crate) fn open(root: &Path) -> io::Result<Folder> {
        let alone = new_file(OpenOptions::new().create(true).truncate(false), &root.join(LOCK))?;
        alone.try_lock().map_err(|error| io::Error::other(format!("another store serves here: {error}")))?;
        match fs::remove_dir_all(root.join(FRESH)) {
            Err(error) if !is_missing(&error) => return Err(error),
            _ => make_folder(&root.join(FRESH))?,
        }
        match make_folder(&root.join(UPLOADS)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => sync(root)?,
        }
        let locks = std::array::from_fn(|_| Mutex::new(()));
        Ok(Folder { root: root.to_owned(), locks, _alone: alone })
    }

    /// A file that has no name yet.
    pub(crate) fn fresh(&self) -> io::Result<(Fresh, File)> {
        let path = self.root.join(FRESH).join(Uuid::new_v4().to_string());
        let file = new_file(OpenOptions::new().create_new(true), &path)?;
        Ok((Fresh(path), file))
    }

    /// The folder of a bucket that is there.
    pub(crate) fn bucket(&self, bucket: &str) -> S3Result<PathBuf> {
        let path = self.root.join(bucket);
        if path.is_dir() { Ok(path) } else { Err(s3_error!(NoSuchBucket, "there is no such bucket")) }
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        Ok(self.bucket(bucket)?.join(key::path(key)))
    }

    pub(crate) fn find(&self, bucket: &str, key: &str) -> S3Result<Object> {
        Object::find(&self.object(bucket, key)?).map_err(of)?.ok_or_else(no_key)
    }

    /// Makes a whole file the object, if it may be. It is there after a crash of the machine too.
    pub(crate) fn put(&self, fresh: Fresh, bucket: &str, key: &str, only: &Condition) -> S3Result<()> {
        let (home, path) = (self.bucket(bucket)?, self.object(bucket, key)?);
        let _locked = self.lock(&path);
        if only.is_any() {
            only.allows_write(Object::find(&path).map_err(of)?.as_ref())?;
        }
        fresh.become_file(&home, &path).map_err(of)
    }

    /// False when there was none.
    pub(crate) fn delete(&self, bucket: &str, key: &str, only: &Condition) -> S3Result<bool> {
        let (home, path) = (self.bucket(bucket)?, self.object(bucket, key)?);
        let _locked = self.lock(&path);
        if only.is_any() {
            only.allows_write(Object::find(&path).map_err(of)?.as_ref())?;
        }
        match fs::remove_file(&path) {
            Err(error) if is_missing(&error) => return Ok(false),
            removed => removed.map_err(of)?,
        }
        // Up to the first that holds something else.
        let emptied = path.ancestors().skip(1).take_while(|folder| *folder != home);
        let first_left =
            emptied.map(|folder| (folder, fs::remove_dir(folder))).find(|(_, gone)| gone.is_err());
        match sync(first_left.map_or(&*home, |(folder, _)| folder)) {
            // Gone with another object.
            Err(error) if is_missing(&error) => Ok(true),
            synced => synced.map(|()| true).map_err(of),
        }
    }

    /// Takes a folder away at once, and what is in it as it comes.
    pub(crate) fn throw_away(&self, path: &Path) -> io::Result<()> {
        let grave = self.root.join(FRESH).join(Uuid::new_v4().to_string());
        fs::rename(path, &grave)?;
        fs::remove_dir_all(grave)
    }

    fn lock(&self, path: &Path) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        let lock = &self.locks[hasher.finish() as usize % LOCKS];
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file on its way; gone when it is dropped before it gets its name.
pub(crate) struct Fresh(PathBuf);

impl Fresh {
    /// Its content is on the disk by now; this brings its name there. Folders are made below `home`.
    pub(crate) fn become_file(self, home: &Path, path: &Path) -> io::Result<()> {
        let parent = path.parent().unwrap_or(home);
        for _ in 0..TRIES {
            match make_folders(home, parent).and_then(|()| fs::rename(&self.0, path)) {
                Err(error) if is_missing(&error) => {}
                renamed => {
                    renamed?;
                    return sync(parent);
                }
            }
        }
        Err(io::Error::other("its folder is removed again and again"))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // Usually it is gone already: renamed. What cannot be removed now is when the next life begins.
        let _ = fs::remove_file(&self.0);
    }
}

fn new_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.read(true).write(true).mode(0o600).open(path)
}

pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn make_folders(home: &Path, folder: &Path) -> io::Result<()> {
    if folder == home {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(home);
    match make_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if is_missing(&error) && parent != home => {
            make_folders(home, parent)?;
            make_folders(home, folder)
        }
        made => made.and_then(|()| sync(parent)),
    }
}

/// Brings the names in a folder to the disk.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
