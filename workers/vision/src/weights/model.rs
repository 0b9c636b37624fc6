//! A trained model as one file: its tensors by timm's names, and in the metadata what is needed to use them.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Device, TchError, Tensor, no_grad};
use trainyard_events::card::{Card, KEY};

use crate::models::{Model, Network, Shape};
use crate::weights::file::{self, FileError};

#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the weights carry no usable description of their model: {0}")]
    NoCard(String),
    #[error("the weights do not fit their own model {model:?}: {problem}")]
    Mismatch { model: String, problem: String },
}

/// The network that a card describes.
pub fn shape(card: &Card) -> Shape {
    Shape {
        name: card.model.clone(),
        classes: card.classes.len(),
        points: card.keypoints.len(),
        image_size: card.preprocessing.image_size,
    }
}

/// From the metadata of a file.
pub fn card_of(metadata: &BTreeMap<String, String>) -> Result<Card, ModelError> {
    let text = metadata.get(KEY).ok_or_else(|| ModelError::NoCard(format!("no key {KEY:?}")))?;
    serde_json::from_str(text).map_err(|error| ModelError::NoCard(error.to_string()))
}

/// Returns the SHA-256 of the file. Tensors are stored as 32-bit floats, whatever layout or device they have.
pub fn save(path: &Path, card: &Card, tensors: &BTreeMap<String, Tensor>) -> Result<String, FileError> {
    let card = serde_json::to_string(card).expect("a card is plain data, which always serialises");
    let metadata = BTreeMap::from([("format".to_owned(), "pt".to_owned()), (KEY.to_owned(), card)]);
    file::write(path, &metadata, tensors)
}

/// A model ready to predict: every tensor must be there in its shape, none may be left over.
pub fn load<N: Network>(path: &Path, device: Device) -> Result<(Model<N>, Card), ModelError> {
    let file = file::read(path)?;
    let card = card_of(&file.metadata)?;
    let mismatch = |problem: String| ModelError::Mismatch { model: card.model.clone(), problem };
    let model =
        Model::new(&shape(&card), device).ok_or_else(|| mismatch("this program does not know it".into()))?;
    let mine = model.tensors();
    if let Some(name) = file.tensors.keys().find(|name| !mine.contains_key(*name)) {
        return Err(mismatch(format!("{name} is too many")));
    }
    for (name, tensor) in &mine {
        match file.tensors.get(name) {
            Some(found) if found.size() == tensor.size() => set(tensor, found).map_err(FileError::from)?,
            Some(found) => return Err(mismatch(format!("{name} is {:?}", found.size()))),
            None => return Err(mismatch(format!("{name} is missing"))),
        }
    }
    Ok((model, card))
}

/// Writes values into a model's tensor; its element type, device and layout stay.
pub fn set(tensor: &Tensor, values: &Tensor) -> Result<(), TchError> {
    no_grad(|| tensor.shallow_clone().f_copy_(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::preprocess::IMAGENET;
    use crate::models::resnet::ResNet;
    use trainyard_events::card::Preprocessing;
    use trainyard_events::config::{Resize, Task};

    fn card() -> Card {
        let (mean, std) = IMAGENET;
        Card::new(
            Task::Classify,
            "resnet18".to_owned(),
            vec!["ä".to_owned(), "b".to_owned()],
            Preprocessing { image_size: 32, resize: Resize::Letterbox, mean, std, sample_bits: None },
        )
    }

    #[test]
    fn a_model_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let model = Model::<ResNet>::new(&shape(&card()), Device::Cpu).unwrap();
        model.use_channels_last().unwrap();
        save(&path, &card(), &model.tensors()).unwrap();
        let (loaded, found) = load::<ResNet>(&path, Device::Cpu).unwrap();
        assert_eq!(found, card());
        for (name, tensor) in model.tensors() {
            assert_eq!(tensor, loaded.tensors()[&name], "{name}");
        }
        assert!(loaded.tensors()["conv1.weight"].is_contiguous());
    }

    #[test]
    fn weights_that_do_not_fit_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let tensors = Model::<ResNet>::new(&shape(&card()), Device::Cpu).unwrap().tensors();
        let refused = |card: &Card, tensors: &BTreeMap<String, Tensor>| {
            save(&path, card, tensors).unwrap();
            load::<ResNet>(&path, Device::Cpu).unwrap_err().to_string()
        };
        let mut fewer = tensors.clone_map();
        fewer.remove("fc.bias");
        assert!(refused(&card(), &fewer).contains("fc.bias is missing"));
        let mut more = tensors.clone_map();
        more.insert("extra".to_owned(), Tensor::from(1.0));
        assert!(refused(&card(), &more).contains("extra is too many"));
        let three = Card { classes: vec!["a".into(), "b".into(), "c".into()], ..card() };
        assert!(refused(&three, &tensors).contains("fc."));
        assert!(refused(&Card { model: "vgg".into(), ..card() }, &tensors).contains("does not know"));
        file::write(&path, &BTreeMap::new(), &tensors).unwrap();
        assert!(matches!(load::<ResNet>(&path, Device::Cpu), Err(ModelError::NoCard(_))));
    }

    trait CloneMap {
        fn clone_map(&self) -> Self;
    }

    impl CloneMap for BTreeMap<String, Tensor> {
        fn clone_map(&self) -> Self {
            self.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
        }
    }
}
