//! The images that a model is asked about: of a dataset's version, or of a folder here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use trainyard_data::manifest::Manifest;

use crate::cli::client::Client;
use crate::cli::datasets::{named, stored};
use crate::cli::predict;
use crate::language::pick;

pub(super) struct Source {
    /// By their names, each with where it is.
    pub(super) images: BTreeMap<String, Place>,
    /// As the dataset calls the points of its objects.
    pub(super) keypoints: Vec<String>,
}

pub(super) enum Place {
    /// In the store, by its hash.
    Stored(String),
    Here(PathBuf),
}

impl Source {
    pub(super) async fn dataset(client: &Client, written: &str, unlabelled: bool) -> Result<Source> {
        let (row, version) = named::version(client, written).await?;
        let Manifest { header, images } = stored::manifest(client, &row, &version).await?.0;
        let wanted = images.into_iter().filter(|image| !unlabelled || image.labels.is_empty());
        let images: BTreeMap<_, _> = wanted.map(|image| (image.name, Place::Stored(image.sha256))).collect();
        if images.is_empty() {
            bail!(pick(
                client.language,
                format!(
                    "{written}에는 라벨이 없는 이미지가 없습니다. --unlabelled를 빼면 모든 이미지를 봅니다"
                ),
                format!("every image of {written} has a label: without --unlabelled all are asked about"),
            ));
        }
        Ok(Source { images, keypoints: header.keypoints.unwrap_or_default() })
    }

    pub(super) fn folder(client: &Client, folder: &Path) -> Result<Source> {
        let named = |path: PathBuf| {
            let below = path.strip_prefix(folder).unwrap_or(&path);
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            (parts.join("/"), Place::Here(path.clone()))
        };
        let images = predict::images(client, &[folder.to_owned()])?.into_iter().map(named).collect();
        Ok(Source { images, keypoints: Vec::new() })
    }

    pub(super) async fn bytes(&self, client: &Client, name: &str) -> Result<Bytes> {
        match &self.images[name] {
            Place::Stored(sha256) => stored::image(client, sha256).await,
            Place::Here(path) => {
                let content = tokio::fs::read(path).await.with_context(|| {
                    let path = path.display();
                    pick(
                        client.language,
                        format!("{path} 파일을 읽을 수 없습니다"),
                        format!("{path} cannot be read"),
                    )
                })?;
                Ok(content.into())
            }
        }
    }
}
