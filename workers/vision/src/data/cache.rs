//! The images of one split as squares, decoded once and kept while memory allows.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use trainyard_events::config::Resize;

use crate::data::decode::decode;
use crate::data::preprocess::square;
use crate::failure::Failure;
use crate::limits::CACHE_BYTES;

/// One image: where it lies below the root, and its class as the network counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    pub path: String,
    pub label: i64,
}

pub struct Images {
    root: PathBuf,
    images: Vec<Labelled>,
    side: usize,
    resize: Resize,
    kept: Option<Vec<OnceLock<Box<[u8]>>>>,
}

impl Images {
    /// Squares of `side` pixels. They are kept when all of them fit into `budget` bytes.
    pub fn new(root: PathBuf, images: Vec<Labelled>, side: usize, resize: Resize, budget: u64) -> Self {
        let needed = images.len() as u64 * (side * side * 3) as u64;
        let kept = (needed <= budget).then(|| images.iter().map(|_| OnceLock::new()).collect());
        Images { root, images, side, resize, kept }
    }

    pub fn len(&self) -> usize {
        self.images.len()
    }

    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    pub fn side(&self) -> usize {
        self.side
    }

    pub fn is_cached(&self) -> bool {
        self.kept.is_some()
    }

    pub fn bytes(&self) -> u64 {
        (self.images.len() * self.side * self.side * 3) as u64
    }

    pub fn label(&self, index: usize) -> i64 {
        self.images[index].label
    }

    pub fn path(&self, index: usize) -> &str {
        &self.images[index].path
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
        let path = &self.images[index].path;
        let failed = |problem: String| {
            let next =
                "the dataset changed while it was trained on: name it again so that it is looked at again";
            Failure::dataset(format!("{path} {problem}"), next)
        };
        let bytes =
            fs::read(self.root.join(path)).map_err(|error| failed(format!("cannot be read: {error}")))?;
        let image = decode(&bytes).map_err(|error| failed(error.to_string()))?;
        Ok(square(&image, self.side as u32, self.resize))
    }
}

/// Bytes of squares to keep: [`CACHE_BYTES`], or a quarter of the memory that is free, if that is less.
pub fn budget() -> u64 {
    let field = |text: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? * 1024)
    };
    let free = fs::read_to_string("/proc/meminfo").ok().and_then(|text| field(&text));
    // A container sees the whole machine's memory there; its own limit is in its control group.
    let limit =
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    let smallest = [free, limit].into_iter().flatten().min().unwrap_or(0);
    CACHE_BYTES.min(smallest / 4)
}
