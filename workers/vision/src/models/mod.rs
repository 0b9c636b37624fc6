//! The networks that are known natively: one file each, parameter names as in timm and torchvision.

pub mod layers;
pub mod resnet;

use std::collections::BTreeMap;

use tch::nn::{Path, VarStore};
use tch::{Device, TchError, Tensor, no_grad};

use crate::models::resnet::ResNet;

/// Catalog ids that [`Model::new`] builds.
pub const NAMES: [&str; 3] = ["resnet18", "resnet34", "resnet50"];

/// At most this side, an image is too small for a stem that divides it by four.
const SMALL_IMAGE_SIDE: u32 = 64;

/// A network and the store that holds its tensors by name.
#[derive(Debug)]
pub struct Model {
    store: VarStore,
    network: Network,
    classes: usize,
}

#[derive(Debug)]
enum Network {
    ResNet(ResNet),
}

/// What decides a network's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub name: String,
    pub classes: usize,
    pub image_size: u32,
}

impl Shape {
    pub fn has_small_stem(&self) -> bool {
        self.image_size <= SMALL_IMAGE_SIDE
    }
}

impl Model {
    /// Freshly initialised from libtorch's generator; `None` when the name is not one of [`NAMES`].
    pub fn new(shape: &Shape, device: Device) -> Option<Self> {
        let store = VarStore::new(device);
        let network = Network::new(&store.root(), shape)?;
        assert!(store.variables().keys().all(|name| !name.contains("__")), "a parameter name is used twice");
        Some(Model { store, network, classes: shape.classes })
    }

    /// `[N, 3, side, side]` normalised floats to `[N, classes]` logits.
    pub fn forward(&self, images: &Tensor, train: bool) -> Result<Tensor, TchError> {
        match &self.network {
            Network::ResNet(network) => network.forward(images, train),
        }
    }

    /// Name of the layer whose size is the number of classes; its tensors are `<head>.weight` and `<head>.bias`.
    pub fn head(&self) -> &'static str {
        match &self.network {
            Network::ResNet(_) => "fc",
        }
    }

    pub fn class_count(&self) -> usize {
        self.classes
    }

    pub fn device(&self) -> Device {
        self.store.device()
    }

    /// Every tensor by name: parameters and the running statistics of batch normalisation.
    pub fn tensors(&self) -> BTreeMap<String, Tensor> {
        self.store.variables().into_iter().collect()
    }

    /// The trainable ones by name.
    pub fn parameters(&self) -> BTreeMap<String, Tensor> {
        let mut tensors = self.tensors();
        tensors.retain(|_, tensor| tensor.requires_grad());
        tensors
    }

    pub fn parameter_count(&self) -> u64 {
        self.parameters().values().map(|tensor| tensor.numel() as u64).sum()
    }

    /// Sets every tensor from another model of the same shape.
    pub fn copy_from(&self, other: &Model) -> Result<(), TchError> {
        let theirs = other.tensors();
        no_grad(|| {
            for (name, mut mine) in self.tensors() {
                mine.f_copy_(&theirs[&name])?;
            }
            Ok(())
        })
    }

    /// Lays the convolution weights out channels-last. Values, shapes and names stay.
    pub fn use_channels_last(&self) -> Result<(), TchError> {
        no_grad(|| {
            for (_, mut tensor) in self.tensors() {
                if tensor.dim() == 4 {
                    let last = channels_last(&tensor)?;
                    tensor.f_set_data(&last)?;
                }
            }
            Ok(())
        })
    }
}

impl Network {
    fn new(root: &Path, shape: &Shape) -> Option<Self> {
        let small = shape.has_small_stem();
        Some(match shape.name.as_str() {
            "resnet18" => Network::ResNet(ResNet::basic(root, [2, 2, 2, 2], shape.classes, small)),
            "resnet34" => Network::ResNet(ResNet::basic(root, [3, 4, 6, 3], shape.classes, small)),
            "resnet50" => Network::ResNet(ResNet::bottleneck(root, [3, 4, 6, 3], shape.classes, small)),
            _ => return None,
        })
    }
}

/// The same `[N, C, H, W]` values with the channels next to each other in memory.
pub fn channels_last(tensor: &Tensor) -> Result<Tensor, TchError> {
    let (n, c, h, w) = tensor.size4()?;
    let mut last =
        Tensor::f_empty_strided([n, c, h, w], [h * w * c, 1, w * c, c], (tensor.kind(), tensor.device()))?;
    last.f_copy_(tensor)?;
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    fn model(name: &str, classes: usize, image_size: u32) -> Model {
        tch::manual_seed(1);
        Model::new(&Shape { name: name.to_owned(), classes, image_size }, Device::Cpu).unwrap()
    }

    #[test]
    fn parameter_counts_are_the_published_ones() {
        for (name, count) in [("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032)] {
            assert_eq!(model(name, 1000, 224).parameter_count(), count, "{name}");
        }
        assert!(Model::new(&Shape { name: "vgg".into(), classes: 2, image_size: 32 }, Device::Cpu).is_none());
    }

    #[test]
    fn names_and_shapes_are_timms() {
        let tensors = model("resnet18", 1000, 224).tensors();
        for (name, shape) in [
            ("conv1.weight", vec![64, 3, 7, 7]),
            ("bn1.weight", vec![64]),
            ("bn1.running_mean", vec![64]),
            ("layer1.0.conv1.weight", vec![64, 64, 3, 3]),
            ("layer1.1.bn2.running_var", vec![64]),
            ("layer2.0.conv1.weight", vec![128, 64, 3, 3]),
            ("layer2.0.downsample.0.weight", vec![128, 64, 1, 1]),
            ("layer2.0.downsample.1.bias", vec![128]),
            ("layer4.1.conv2.weight", vec![512, 512, 3, 3]),
            ("fc.weight", vec![1000, 512]),
            ("fc.bias", vec![1000]),
        ] {
            assert_eq!(tensors[name].size(), shape, "{name}");
        }
        // timm 1.0 lists 122 tensors for resnet18, less its 20 counters of batches.
        assert_eq!(tensors.len(), 102);
        let tensors = model("resnet50", 10, 32).tensors();
        assert_eq!(tensors["layer3.5.conv3.weight"].size(), [1024, 256, 1, 1]);
        assert_eq!(tensors["conv1.weight"].size(), [64, 3, 3, 3]);
    }

    #[test]
    fn tensors_start_as_in_pytorch_not_as_in_tch() {
        let tensors = model("resnet18", 10, 224).tensors();
        let all = |name: &str, value: f64| tensors[name].eq(value).all().int64_value(&[]) == 1;
        assert!(all("bn1.weight", 1.0) && all("bn1.bias", 0.0) && all("layer1.0.bn2.weight", 0.0));
        let deviation = tensors["layer2.0.conv2.weight"].std(true).double_value(&[]);
        let expected = (2.0 / (128.0 * 9.0f64)).sqrt();
        assert!((deviation / expected - 1.0).abs() < 0.02, "{deviation} {expected}");
        let largest = tensors["fc.weight"].abs().max().double_value(&[]);
        let bound = 1.0 / 512f64.sqrt();
        assert!(largest <= bound && largest > bound * 0.98, "{largest}");
    }

    #[test]
    fn both_layouts_give_the_same_logits() {
        let model = model("resnet18", 5, 32);
        let images = Tensor::randn([2, 3, 32, 32], (Kind::Float, Device::Cpu));
        let before = model.forward(&images, false).unwrap();
        model.use_channels_last().unwrap();
        assert!(!model.tensors()["layer1.0.conv1.weight"].is_contiguous());
        let after = model.forward(&channels_last(&images).unwrap(), false).unwrap();
        assert_eq!(before.size(), [2, 5]);
        assert!(before.allclose(&after, 1e-4, 1e-4, false), "{before:?} {after:?}");
    }

    #[test]
    fn every_parameter_gets_a_gradient() {
        for (name, side) in [("resnet18", 32), ("resnet50", 96)] {
            let model = model(name, 3, side);
            let images = Tensor::randn([2, 3, i64::from(side), i64::from(side)], (Kind::Float, Device::Cpu));
            model.forward(&images, true).unwrap().sum(Kind::Float).backward();
            let without: Vec<_> =
                model.parameters().into_iter().filter(|(_, t)| !t.grad().defined()).collect();
            assert!(without.is_empty(), "{name}: {without:?}");
        }
    }
}
