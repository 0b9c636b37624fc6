//! Images as squares, decoded once and kept while memory allows.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use trainyard_events::config::Resize;
use trainyard_events::reason::{Advice, Flaw, Trouble};

use crate::failure::{Failure, cause};
use crate::limits::CACHE_BYTES;
use trainyard_data::decode::decode;
use trainyard_data::resize::square;

/// A file of the dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// Below the folder of the images.
    pub path: String,
    /// Of its content, 64 hexadecimal digits.
    pub sha256: String,
    /// As [`decode`] wants them.
    pub sample_bits: Option<u32>,
}

#[cfg(test)]
impl ImageFile {
    /// One that lies there.
    pub fn there(folder: &std::path::Path, path: String) -> ImageFile {
        let bytes = fs::read(folder.join(&path)).expect("an image of this test");
        ImageFile { path, sha256: hex::encode(Sha256::digest(bytes)), sample_bits: None }
    }
}

/// Image files as squares.
pub struct Squares {
    root: PathBuf,
    files: Vec<ImageFile>,
    side: usize,
    resize: Resize,
    kept: Option<Vec<OnceLock<Box<[u8]>>>>,
}

impl Squares {
    /// Squares of `side` pixels, of files named below `root`. They are kept when all of them fit into `budget` bytes.
    pub fn new(root: PathBuf, files: Vec<ImageFile>, side: usize, resize: Resize, budget: u64) -> Self {
        let needed = files.len() as u64 * (side * side * 3) as u64;
        let kept = (needed <= budget).then(|| files.iter().map(|_| OnceLock::new()).collect());
        Squares { root, files, side, resize, kept }
    }

    /// The same files, read again each time.
    pub(crate) fn not_kept(&self) -> Squares {
        let Squares { root, files, side, resize, .. } = self;
        Squares { root: root.clone(), files: files.clone(), side: *side, resize: *resize, kept: None }
    }

    pub fn side(&self) -> usize {
        self.side
    }

    pub fn is_cached(&self) -> bool {
        self.kept.is_some()
    }

    pub fn bytes(&self) -> u64 {
        (self.files.len() * self.side * self.side * 3) as u64
    }

    pub fn path(&self, index: usize) -> &str {
        &self.files[index].path
    }

    /// The square of one image as rows of RGB.
    pub fn get(&self, index: usize) -> Result<Cow<'_, [u8]>, Failure> {
        let Some(kept) = &self.kept else { return Ok(Cow::Owned(self.read(index)?)) };
        if let Some(square) = kept[index].get() {
            return Ok(Cow::Borrowed(square));
        }
        let square = self.read(index)?.into_boxed_slice();
        Ok(Cow::Borrowed(kept[index].get_or_init(|| square)))
    }

    fn read(&self, index: usize) -> Result<Vec<u8>, Failure> {
        let ImageFile { path, sha256, sample_bits } = &self.files[index];
        let failed = |flaw: Flaw| {
            let because = Trouble::FileChanged { path: path.clone(), flaw };
            Failure::dataset(because, Advice::NameChangedDatasetAgain)
        };
        let bytes = fs::read(self.root.join(path))
            .map_err(|error| failed(Flaw::Unreadable { cause: cause(&error) }))?;
        // Exact to the bit, or not at all.
        if hex::encode(Sha256::digest(&bytes)) != *sha256 {
            return Err(failed(Flaw::OtherContent));
        }
        let image = decode(&bytes, *sample_bits).map_err(failed)?;
        Ok(square(&image, self.side as u32, self.resize))
    }
}

/// One image, and its class as the network counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    pub file: ImageFile,
    pub label: i64,
}

/// Squares with one label each.
pub struct Images {
    squares: Squares,
    labels: Vec<i64>,
}

impl Images {
    pub fn new(root: PathBuf, images: Vec<Labelled>, side: usize, resize: Resize, budget: u64) -> Self {
        let (files, labels) = images.into_iter().map(|image| (image.file, image.label)).unzip();
        Images { squares: Squares::new(root, files, side, resize, budget), labels }
    }

    /// The same images, read again each time.
    pub fn not_kept(&self) -> Images {
        Images { squares: self.squares.not_kept(), labels: self.labels.clone() }
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    pub fn side(&self) -> usize {
        self.squares.side()
    }

    pub fn is_cached(&self) -> bool {
        self.squares.is_cached()
    }

    pub fn bytes(&self) -> u64 {
        self.squares.bytes()
    }

    /// Of each image, as the network counts them.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }

    pub fn label(&self, index: usize) -> i64 {
        self.labels[index]
    }

    pub fn path(&self, index: usize) -> &str {
        self.squares.path(index)
    }

    /// The square of one image as rows of RGB.
    pub fn get(&self, index: usize) -> Result<Cow<'_, [u8]>, Failure> {
        self.squares.get(index)
    }
}

/// Bytes of squares that each of so many processes keeps: of [`CACHE_BYTES`], or of a quarter of the memory that is free, if that
/// is less.
pub fn budget(processes: usize) -> u64 {
    let field = |text: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? * 1024)
    };
    let free = fs::read_to_string("/proc/meminfo").ok().and_then(|text| field(&text));
    // A container sees the whole machine's memory there; its own limit is in its control group.
    let limit =
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    let smallest = [free, limit].into_iter().flatten().min().unwrap_or(0);
    CACHE_BYTES.min(smallest / 4) / processes.max(1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Luma};

    #[test]
    fn images_of_twelve_bits_are_as_light_as_their_set_says() {
        let folder = tempfile::tempdir().unwrap();
        let deep = ImageBuffer::from_fn(16, 16, |x, _| Luma([if x < 8 { 4095u16 } else { 0 }]));
        deep.save(folder.path().join("deep.png")).unwrap();
        let lightest = |sample_bits: Option<u32>| {
            let file = ImageFile { sample_bits, ..ImageFile::there(folder.path(), "deep.png".to_owned()) };
            let squares = Squares::new(folder.path().to_owned(), vec![file], 16, Resize::Stretch, 0);
            squares.get(0).unwrap().iter().copied().max()
        };
        assert_eq!((lightest(Some(12)), lightest(None)), (Some(255), Some(16)));
    }
}
