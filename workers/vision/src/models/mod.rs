//! The networks that are known natively, a file for each family. Classifiers have the parameter names of timm.

pub mod anchors;
pub mod batch_norm;
mod blocks;
pub mod classifier;
pub mod convnext;
pub mod head;
pub mod inverted;
pub mod layers;
mod mode;
pub mod resnet;
pub mod yolo11;

use std::collections::BTreeMap;
use std::fmt;

use tch::nn::{Path, VarStore};
use tch::{Device, TchError, Tensor, no_grad};
use trainyard_events::config;

pub use mode::Mode;

/// A network that [`Model::new`] builds.
#[derive(Debug)]
pub struct Known {
    /// Its catalog id.
    pub name: &'static str,
    pub task: config::Task,
    /// Side of the square in pixels that it was made for.
    pub image_size: u32,
    /// With the classes that it was published with.
    pub classes: usize,
    /// Key points that it was published with.
    pub points: usize,
    pub parameters: u64,
}

pub const KNOWN: [Known; 25] = [
    classifier("resnet18", 11_689_512),
    classifier("resnet34", 21_797_672),
    classifier("resnet50", 25_557_032),
    classifier("efficientnet_b0", 5_288_548),
    Known { image_size: 240, ..classifier("efficientnet_b1", 7_794_184) },
    Known { image_size: 256, ..classifier("efficientnet_b2", 9_109_994) },
    Known { image_size: 288, ..classifier("efficientnet_b3", 12_233_232) },
    classifier("mobilenetv3_small_100", 2_542_856),
    classifier("mobilenetv3_large_100", 5_483_032),
    classifier("convnext_tiny", 28_589_128),
    detector("yolo11n", 2_624_080),
    detector("yolo11s", 9_458_752),
    detector("yolo11m", 20_114_688),
    detector("yolo11l", 25_372_160),
    detector("yolo11x", 56_966_176),
    segmenter("yolo11n-seg", 2_876_848),
    segmenter("yolo11s-seg", 10_113_248),
    segmenter("yolo11m-seg", 22_420_896),
    segmenter("yolo11l-seg", 27_678_368),
    segmenter("yolo11x-seg", 62_142_656),
    pose("yolo11n-pose", 2_908_507),
    pose("yolo11s-pose", 9_948_811),
    pose("yolo11m-pose", 20_973_273),
    pose("yolo11l-pose", 26_230_745),
    pose("yolo11x-pose", 58_889_881),
];

/// Published for ImageNet.
const fn classifier(name: &'static str, parameters: u64) -> Known {
    Known { name, task: config::Task::Classify, image_size: 224, classes: 1000, points: 0, parameters }
}

/// Published for COCO.
const fn detector(name: &'static str, parameters: u64) -> Known {
    Known { name, task: config::Task::Detect, image_size: 640, classes: 80, points: 0, parameters }
}

const fn segmenter(name: &'static str, parameters: u64) -> Known {
    Known { task: config::Task::Segment, ..detector(name, parameters) }
}

const fn pose(name: &'static str, parameters: u64) -> Known {
    Known { task: config::Task::Pose, points: 17, ..detector(name, parameters) }
}

/// The models that are built in for a task.
pub fn names(task: config::Task) -> Vec<&'static str> {
    KNOWN.iter().filter(|known| known.task == task).map(|known| known.name).collect()
}

/// At most this side, an image is too small for a stem that divides it by four.
const SMALL_IMAGE_SIDE: u32 = 64;

/// A network and the store that holds its tensors by name.
#[derive(Debug)]
pub struct Model<N> {
    store: VarStore,
    network: N,
    classes: usize,
}

/// Layers that answer images.
pub trait Network: Sized + fmt::Debug {
    type Output;
    /// Numbers that never change and that the published counts of parameters count.
    const FIXED: u64;

    /// Freshly initialised from libtorch's generator; `None` when it has not the name of one of these.
    fn new(root: &Path, shape: &Shape) -> Option<Self>;

    /// From `[N, 3, side, side]` normalised floats.
    fn forward(&self, images: &Tensor, mode: Mode) -> Result<Self::Output, TchError>;

    /// Whether a step is shorter in bf16 on a processor that multiplies it.
    fn gains_from_bf16(&self) -> bool;

    /// Whether the size of this tensor depends on what is learned, as on the number of classes.
    fn is_head(tensor: &str) -> bool;
}

/// What decides a network's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub name: String,
    pub classes: usize,
    /// Key points of an object.
    pub points: usize,
    pub image_size: u32,
}

impl Shape {
    /// Of a classifier that would divide it by 32.
    pub fn has_small_stem(&self) -> bool {
        self.image_size <= SMALL_IMAGE_SIDE
    }
}

impl<N: Network> Model<N> {
    /// Freshly initialised from libtorch's generator; `None` when the name is not one of its network's.
    pub fn new(shape: &Shape, device: Device) -> Option<Self> {
        let store = VarStore::new(device);
        let network = N::new(&store.root(), shape)?;
        assert!(store.variables().keys().all(|name| !name.contains("__")), "a parameter name is used twice");
        Some(Model { store, network, classes: shape.classes })
    }

    /// From `[N, 3, side, side]` normalised floats.
    pub fn forward(&self, images: &Tensor, mode: Mode) -> Result<N::Output, TchError> {
        self.network.forward(images, mode)
    }

    /// See [`Network::gains_from_bf16`].
    pub fn gains_from_bf16(&self) -> bool {
        self.network.gains_from_bf16()
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

    /// Those that follow what is seen instead of being learned: the running statistics of batch normalisation.
    pub fn statistics(&self) -> BTreeMap<String, Tensor> {
        let mut tensors = self.tensors();
        tensors.retain(|name, _| name.ends_with("running_mean") || name.ends_with("running_var"));
        tensors
    }

    /// The trainable ones by name.
    pub fn parameters(&self) -> BTreeMap<String, Tensor> {
        let mut tensors = self.tensors();
        tensors.retain(|_, tensor| tensor.requires_grad());
        tensors
    }

    /// As published: for a detector with the fixed numbers of its distance bins. What is frozen counts.
    pub fn parameter_count(&self) -> u64 {
        let count = |tensors: BTreeMap<String, Tensor>| -> u64 {
            tensors.values().map(|tensor| tensor.numel() as u64).sum()
        };
        N::FIXED + count(self.tensors()) - count(self.statistics())
    }

    /// From here on, only the head is trainable.
    pub fn freeze_backbone(&self) {
        for (name, tensor) in self.parameters() {
            let _ = tensor.set_requires_grad(N::is_head(&name));
        }
    }

    /// Sets every tensor from another model of the same shape.
    pub fn copy_from(&self, other: &Self) -> Result<(), TchError> {
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
    use crate::models::classifier::Classifier;
    use crate::models::head::{DetectHead, PoseHead, RawBoxes, RawMasks, RawPoints, SegmentHead};
    use crate::models::resnet::ResNet;
    use crate::models::yolo11::Yolo11;
    use crate::tasks::{Task, of_task};
    use tch::Kind;
    use trainyard_libtorch::Group;

    fn model<N: Network>(name: &str, classes: usize, image_size: u32) -> Model<N> {
        tch::manual_seed(1);
        Model::new(&Shape { name: name.to_owned(), classes, points: 17, image_size }, Device::Cpu).unwrap()
    }

    fn resnet(name: &str, classes: usize, image_size: u32) -> Model<ResNet> {
        model(name, classes, image_size)
    }

    fn detector(name: &str, classes: usize, image_size: u32) -> Model<Yolo11<DetectHead>> {
        model(name, classes, image_size)
    }

    #[test]
    fn parameter_counts_are_the_published_ones() {
        for Known { name, task, classes, image_size, parameters, .. } in KNOWN {
            let found = of_task!(task, T => {
                model::<<T as Task>::Network>(name, classes, image_size).parameter_count()
            });
            assert_eq!(found, parameters, "{name}");
        }
        let vgg = Shape { name: "vgg".into(), classes: 2, points: 0, image_size: 32 };
        assert!(Model::<ResNet>::new(&vgg, Device::Cpu).is_none());
        assert!(Model::<Yolo11<DetectHead>>::new(&vgg, Device::Cpu).is_none());
    }

    /// The counts of the published table, with 80 classes; those of the other scales follow from the same code.
    #[test]
    fn the_layers_of_a_detector_have_the_published_parameter_counts() {
        let layers = [
            ("down1", 464),
            ("down2", 4_672),
            ("stage2", 6_640),
            ("down3", 36_992),
            ("stage3", 26_080),
            ("down4", 147_712),
            ("stage4", 87_040),
            ("down5", 295_424),
            ("stage5", 346_112),
            ("pool", 164_608),
            ("attention", 249_728),
            ("neck4", 111_296),
            ("out3", 32_096),
            ("coarsen4", 36_992),
            ("out4", 86_720),
            ("coarsen5", 147_712),
            ("out5", 378_880),
            ("head", 464_912 - 16),
        ];
        let parameters = detector("yolo11n", 80, 640).parameters();
        for (layer, count) in layers {
            let prefix = format!("{layer}.");
            let found = parameters.iter().filter(|(name, _)| name.starts_with(&prefix));
            assert_eq!(found.map(|(_, tensor)| tensor.numel()).sum::<usize>(), count, "{layer}");
        }
    }

    #[test]
    fn a_fresh_detector_expects_few_objects() {
        let model = detector("yolo11n", 2, 64);
        let images = Tensor::rand([2, 3, 64, 64], (Kind::Float, Device::Cpu));
        let raw = model.forward(&images, Mode::Answer).unwrap();
        assert_eq!((raw.bins.size(), raw.classes.size()), (vec![2, 84, 64], vec![2, 84, 2]));
        let expected = 2.5 / (640.0f64 / 8.0).powi(2);
        let found = raw.classes.narrow(1, 0, 64).sigmoid().mean(Kind::Float).double_value(&[]);
        assert!((found / expected).ln().abs() < 1.0, "{found} {expected}");
    }

    #[test]
    fn names_and_shapes_are_timms() {
        let tensors = resnet("resnet18", 1000, 224).tensors();
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
        let tensors = resnet("resnet50", 10, 32).tensors();
        assert_eq!(tensors["layer3.5.conv3.weight"].size(), [1024, 256, 1, 1]);
        assert_eq!(tensors["conv1.weight"].size(), [64, 3, 3, 3]);
    }

    #[test]
    fn tensors_start_as_in_pytorch_not_as_in_tch() {
        let tensors = resnet("resnet18", 10, 224).tensors();
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
        let model = resnet("resnet18", 5, 32);
        let images = Tensor::randn([2, 3, 32, 32], (Kind::Float, Device::Cpu));
        let logits = |images: &Tensor| model.forward(images, Mode::Answer).unwrap();
        let before = logits(&images);
        model.use_channels_last().unwrap();
        assert!(!model.tensors()["layer1.0.conv1.weight"].is_contiguous());
        let after = logits(&channels_last(&images).unwrap());
        assert_eq!(before.size(), [2, 5]);
        assert!(before.allclose(&after, 1e-4, 1e-4, false), "{before:?} {after:?}");
    }

    /// As near as eight bits of a number let them be.
    #[test]
    fn in_bf16_the_answers_are_nearly_the_same_and_floats() {
        fn differs<N: Network>(name: &str, side: u32, logits: impl Fn(N::Output) -> Tensor) -> f64 {
            let model: Model<N> = model(name, 3, side);
            let images = Tensor::randn([4, 3, i64::from(side), i64::from(side)], (Kind::Float, Device::Cpu));
            let [full, half] = [Kind::Float, Kind::BFloat16].map(|kind| {
                let found = logits(
                    no_grad(|| model.forward(&images.to_kind(kind), Mode::Learn(&Group::alone()))).unwrap(),
                );
                assert_eq!(found.kind(), Kind::Float, "{name}");
                found
            });
            assert_ne!(full, half, "{name}: nothing was in bf16");
            ((&full - &half).norm() / full.norm()).double_value(&[])
        }
        for name in ["resnet18", "efficientnet_b0", "mobilenetv3_small_100", "convnext_tiny"] {
            let error = differs::<Classifier>(name, 64, |logits| logits);
            // Untrained, deep networks are far from smooth.
            assert!(error < 0.3, "{name}: {error}");
        }
        let classes = differs::<Yolo11<DetectHead>>("yolo11n", 64, |raw| raw.bins);
        let masks = differs::<Yolo11<SegmentHead>>("yolo11n-seg", 64, |raw| raw.prototypes);
        let points = differs::<Yolo11<PoseHead>>("yolo11n-pose", 64, |raw| raw.points);
        assert!(classes.max(masks).max(points) < 0.3, "{classes} {masks} {points}");
    }

    fn without_gradient<N: Network>(name: &str, side: u32, sum: impl Fn(N::Output) -> Tensor) -> Vec<String> {
        let model: Model<N> = model(name, 3, side);
        let images = Tensor::randn([2, 3, i64::from(side), i64::from(side)], (Kind::Float, Device::Cpu));
        sum(model.forward(&images, Mode::Learn(&Group::alone())).unwrap()).backward();
        let without = model.parameters().into_iter().filter(|(_, tensor)| !tensor.grad().defined());
        without.map(|(name, _)| name).collect()
    }

    #[test]
    fn every_parameter_gets_a_gradient() {
        let of_logits = |logits: Tensor| logits.sum(Kind::Float);
        let of_boxes = |raw: RawBoxes| raw.bins.sum(Kind::Float) + raw.classes.sum(Kind::Float);
        let of_masks = |raw: RawMasks| {
            raw.coefficients.sum(Kind::Float) + raw.prototypes.sum(Kind::Float) + of_boxes(raw.boxes)
        };
        let of_points = |raw: RawPoints| raw.points.sum(Kind::Float) + of_boxes(raw.boxes);
        let none = Vec::<String>::new();
        assert_eq!(without_gradient::<ResNet>("resnet18", 32, of_logits), none);
        assert_eq!(without_gradient::<ResNet>("resnet50", 96, of_logits), none);
        for model in ["efficientnet_b0", "mobilenetv3_small_100", "mobilenetv3_large_100", "convnext_tiny"] {
            assert_eq!(without_gradient::<Classifier>(model, 64, of_logits), none, "{model}");
        }
        assert_eq!(without_gradient::<Yolo11<DetectHead>>("yolo11n", 64, of_boxes), none);
        assert_eq!(without_gradient::<Yolo11<SegmentHead>>("yolo11n-seg", 64, of_masks), none);
        assert_eq!(without_gradient::<Yolo11<PoseHead>>("yolo11n-pose", 64, of_points), none);
    }
}
