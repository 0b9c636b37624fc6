//! Where the images of a manifest are on this machine, under the names that it has for them.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::manifest::{Image, Manifest};
use crate::root::Listing;

/// An image that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is gone, or has another size than it had")]
pub struct Changed(pub String);

/// The folder below which each image lies under its name: `root` itself, or where names on the disk are written otherwise
/// (not composed, through links), `links`, which is made. Sizes are compared; contents are whoever reads them to check.
pub fn place(manifest: &Manifest, root: &Path, links: &Path) -> io::Result<Result<PathBuf, Changed>> {
    let is_there = |image: &&Image| {
        fs::symlink_metadata(root.join(&image.name))
            .is_ok_and(|found| found.is_file() && found.len() == image.bytes)
    };
    if manifest.images.iter().all(|image| is_there(&image)) {
        return Ok(Ok(root.to_owned()));
    }
    let Ok(listing) = Listing::of(root) else {
        let first = manifest.images.first().map(|image| image.name.clone());
        return Ok(Err(Changed(first.unwrap_or_default())));
    };
    let files: HashMap<&str, _> = listing.files.iter().map(|file| (file.name.as_str(), file)).collect();
    for image in &manifest.images {
        let Some(file) = files.get(image.name.as_str()).filter(|file| file.bytes == image.bytes) else {
            return Ok(Err(Changed(image.name.clone())));
        };
        let link = links.join(&image.name);
        if let Some(folder) = link.parent() {
            fs::create_dir_all(folder)?;
        }
        symlink(listing.path(file), link)?;
    }
    Ok(Ok(links.to_owned()))
}
