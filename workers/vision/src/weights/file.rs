//! Safetensors files, written so that the same tensors always give the same bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use serde_json::json;
use sha2::{Digest, Sha256};
use tch::{Device, Kind, TchError, Tensor};
use trainyard_events::reason::Cause;
use trainyard_words::english;

use crate::limits::{WEIGHTS_FILE_BYTES, WEIGHTS_HEADER_BYTES};

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path} cannot be read or written: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is not a usable safetensors file: {}", english(reason))]
    Format { path: PathBuf, reason: Cause },
    #[error(transparent)]
    Torch(#[from] TchError),
}

/// The content of a file; tensors are on the CPU, in the file's own element types.
#[derive(Debug)]
pub struct TensorFile {
    pub metadata: BTreeMap<String, String>,
    pub tensors: BTreeMap<String, Tensor>,
}

pub fn read(path: &Path) -> Result<TensorFile, FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let format = |reason: Cause| FileError::Format { path: path.to_owned(), reason };
    let length = fs::metadata(path).map_err(io)?.len();
    if length > WEIGHTS_FILE_BYTES {
        return Err(format(Cause::LargerThan { gib: WEIGHTS_FILE_BYTES >> 30 }));
    }
    let bytes = fs::read(path).map_err(io)?;
    let (_, header) =
        SafeTensors::read_metadata(&bytes).map_err(|error| format(Cause::said(error.to_string())))?;
    let views = SafeTensors::deserialize(&bytes).map_err(|error| format(Cause::said(error.to_string())))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in views.iter() {
        let kind = kind_of(view.dtype()).ok_or_else(|| {
            let (tensor, element) = (name.to_owned(), format!("{:?}", view.dtype()));
            format(Cause::ElementType { tensor, element })
        })?;
        let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
        tensors.insert(name.to_owned(), Tensor::f_from_data_size(view.data(), &shape, kind)?);
    }
    let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
    Ok(TensorFile { metadata, tensors })
}

/// Only the metadata, without reading the tensors.
pub fn read_metadata(path: &Path) -> Result<BTreeMap<String, String>, FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let format = |reason: Cause| FileError::Format { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(io)?;
    let mut length = [0; 8];
    io::Read::read_exact(&mut file, &mut length).map_err(io)?;
    let length = u64::from_le_bytes(length);
    if length > WEIGHTS_HEADER_BYTES {
        return Err(format(Cause::NoHeader));
    }
    let mut header = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, length), &mut header).map_err(io)?;
    let header: serde_json::Value =
        serde_json::from_slice(&header).map_err(|error| format(Cause::said(error.to_string())))?;
    serde_json::from_value(header["__metadata__"].clone()).map_err(|_| format(Cause::NoHeader))
}

/// What a file is to hold: contiguous CPU copies in the order of names. The tensors may change while it is written.
#[derive(Debug)]
pub struct Content {
    header: Vec<u8>,
    bytes: Vec<u8>,
}

impl Content {
    /// `path` is only named in errors.
    pub fn copy(
        path: &Path,
        metadata: &BTreeMap<String, String>,
        tensors: &BTreeMap<String, Tensor>,
    ) -> Result<Content, FileError> {
        let header = header(path, metadata, tensors)?;
        let size = |tensor: &Tensor| tensor.numel() * tensor.kind().elt_size_in_bytes();
        let mut bytes = vec![0; tensors.values().map(size).sum()];
        let mut rest = bytes.as_mut_slice();
        for tensor in tensors.values() {
            let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?;
            let (own, others) = rest.split_at_mut(size(&tensor));
            tensor.f_copy_data_u8(own, tensor.numel())?;
            rest = others;
        }
        Ok(Content { header, bytes })
    }

    /// Complete and on the disk when it returns the SHA-256 in hex.
    pub fn write(&self, path: &Path) -> Result<String, FileError> {
        let io = |source| FileError::Io { path: path.to_owned(), source };
        let partial = partial(path);
        let file = File::create(&partial).map_err(io)?;
        let mut out = Hashing { inner: BufWriter::with_capacity(1 << 20, file), hash: Sha256::new() };
        let length = (self.header.len() as u64).to_le_bytes();
        out.write_all(&length).and_then(|()| out.write_all(&self.header)).map_err(io)?;
        for part in self.bytes.chunks(1 << 20) {
            out.write_all(part).map_err(io)?;
        }
        let Hashing { inner, hash } = out;
        let file = inner.into_inner().map_err(|error| io(error.into_error()))?;
        commit(&file, &partial, path).map_err(io)?;
        Ok(hex::encode(hash.finalize()))
    }
}

/// Writes the tensors as they are now; complete and on the disk when it returns the SHA-256 in hex.
pub fn write(
    path: &Path,
    metadata: &BTreeMap<String, String>,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<String, FileError> {
    Content::copy(path, metadata, tensors)?.write(path)
}

/// Writes any other file the same way: complete and on the disk, or not there.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial(path);
    let mut file = File::create(&partial)?;
    file.write_all(bytes)?;
    commit(&file, &partial, path)
}

/// What a file is called until it is whole.
pub const PARTIAL: &str = "partial";

fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(PARTIAL);
    name.into()
}

fn commit(file: &File, partial: &Path, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(partial, path)?;
    // The name is on the disk only once the folder is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// JSON, padded with spaces so that the tensors start at a multiple of eight.
fn header(
    path: &Path,
    metadata: &BTreeMap<String, String>,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<Vec<u8>, FileError> {
    let mut entries = serde_json::Map::new();
    entries.insert("__metadata__".to_owned(), json!(metadata));
    let mut offset = 0;
    for (name, tensor) in tensors {
        let kind = tensor.f_kind()?;
        let dtype = dtype_of(kind).ok_or_else(|| FileError::Format {
            path: path.to_owned(),
            reason: Cause::ElementType { tensor: name.clone(), element: format!("{kind:?}") },
        })?;
        let end = offset + tensor.numel() * kind.elt_size_in_bytes();
        let entry = json!({ "dtype": dtype, "shape": tensor.size(), "data_offsets": [offset, end] });
        entries.insert(name.clone(), entry);
        offset = end;
    }
    let mut header = serde_json::Value::Object(entries).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}

fn kind_of(dtype: Dtype) -> Option<Kind> {
    Some(match dtype {
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        Dtype::I64 => Kind::Int64,
        Dtype::I32 => Kind::Int,
        Dtype::U8 => Kind::Uint8,
        _ => return None,
    })
}

fn dtype_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Float => "F32",
        Kind::Double => "F64",
        Kind::Int64 => "I64",
        Kind::Uint8 => "U8",
        _ => return None,
    })
}

struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let metadata =
            BTreeMap::from([("b".to_owned(), "2 \"ä\"".to_owned()), ("a".to_owned(), "1".to_owned())]);
        let tensors = BTreeMap::from([
            ("double".to_owned(), Tensor::from_slice(&[0.1f64, f64::MIN_POSITIVE])),
            ("turned".to_owned(), Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]).view([2, 3]).tr()),
            ("scalar".to_owned(), Tensor::from(7i64)),
        ]);
        let hash = write(&path, &metadata, &tensors).unwrap();
        assert_eq!(hash, hex::encode(Sha256::digest(fs::read(&path).unwrap())));
        assert_eq!(hash, write(&path, &metadata, &tensors).unwrap());
        let found = read(&path).unwrap();
        assert_eq!(found.metadata, metadata);
        assert_eq!(read_metadata(&path).unwrap(), metadata);
        assert_eq!(found.tensors.keys().collect::<Vec<_>>(), tensors.keys().collect::<Vec<_>>());
        for (name, tensor) in &tensors {
            assert_eq!((&found.tensors[name], found.tensors[name].size()), (tensor, tensor.size()), "{name}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        write(&path, &BTreeMap::new(), &BTreeMap::from([("t".to_owned(), Tensor::from_slice(&[1i64]))]))
            .unwrap();
        let whole = fs::read(&path).unwrap();
        for bytes in [&whole[..whole.len() - 1], &whole[..4], b"", b"\xff\xff\xff\xff\xff\xff\xff\xff{}"] {
            fs::write(&path, bytes).unwrap();
            assert!(matches!(read(&path), Err(FileError::Format { .. })), "{} bytes", bytes.len());
        }
        assert!(matches!(read(&folder.path().join("none")), Err(FileError::Io { .. })));
    }
}
