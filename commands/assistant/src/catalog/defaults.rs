//! Recommended hyperparameters by task and image size, as data, each with its reason in both languages.

use trainyard_events::config::{Augmentation, Optimizer, Resize, Schedule, Task};
use trainyard_events::dataset::DatasetProfile;

use super::Model;

/// A reason in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Because {
    pub korean: &'static str,
    pub english: &'static str,
}

/// What we recommend where the user says nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defaults {
    pub epochs: u32,
    pub batch_size: u32,
    pub learning_rate: f64,
    pub optimizer: Optimizer,
    pub momentum: f64,
    pub weight_decay: f64,
    pub schedule: Schedule,
    pub warmup_epochs: f64,
    pub label_smoothing: f64,
    pub ema: bool,
    pub augmentation: Augmentation,
    pub resize: Resize,
    pub patience: Option<u32>,
    pub because: Because,
}

/// The longest median side, in pixels, of images that we call small.
pub const SMALL_SIDE_PIXELS: u32 = 64;
/// The side that the tiniest images are brought to: below it the last layers would see a single pixel.
pub const TINY_SIDE_PIXELS: u32 = 16;
/// The least side of a detector's input: smaller images are enlarged, as small objects need pixels.
pub const DETECTOR_SIDE_PIXELS: u32 = 320;
/// Training images above which fewer epochs do.
pub const LARGE_SET_IMAGES: u64 = 50_000;

const SMALL_IMAGES: Defaults = Defaults {
    epochs: 30,
    batch_size: 64,
    learning_rate: 0.05,
    optimizer: Optimizer::Sgd,
    momentum: 0.9,
    weight_decay: 5e-4,
    schedule: Schedule::Cosine,
    warmup_epochs: 2.0,
    label_smoothing: 0.0,
    ema: false,
    augmentation: Augmentation::Standard,
    resize: Resize::Stretch,
    patience: None,
    because: Because {
        korean: "작은 이미지를 처음부터 학습할 때 안정적인 값",
        english: "steady when small images are learnt from scratch",
    },
};

/// Measured on 8x8 digits with resnet18: 0.99 of a held-out sixth.
const TINY_IMAGES: Defaults = Defaults {
    epochs: 10,
    batch_size: 32,
    schedule: Schedule::OneCycle,
    ema: true,
    because: Because {
        korean: "아주 작은 이미지는 적은 에폭으로 충분함",
        english: "tiny images are learnt in few epochs",
    },
    ..SMALL_IMAGES
};

const PHOTOS: Defaults = Defaults {
    epochs: 60,
    batch_size: 32,
    learning_rate: 0.02,
    weight_decay: 1e-4,
    warmup_epochs: 5.0,
    label_smoothing: 0.1,
    resize: Resize::Crop,
    patience: Some(15),
    because: Because {
        korean: "사진을 처음부터 분류할 때 무난한 값",
        english: "a sound start when photos are classified from scratch",
    },
    ..SMALL_IMAGES
};

/// Image models with attention or depthwise convolutions: AdamW takes them further than SGD.
const ATTENTION: Defaults = Defaults {
    epochs: 60,
    batch_size: 32,
    learning_rate: 1e-3,
    optimizer: Optimizer::Adamw,
    weight_decay: 0.05,
    because: Because {
        korean: "이 모델 계열은 AdamW에서 잘 수렴함",
        english: "this family converges best with AdamW",
    },
    ..PHOTOS
};

/// Classifiers that start from published weights: what is learnt already is kept by a low rate.
const FINE_TUNED: Defaults = Defaults {
    epochs: 30,
    learning_rate: 3e-4,
    weight_decay: 0.01,
    warmup_epochs: 1.0,
    patience: Some(10),
    because: Because {
        korean: "미리 학습된 가중치를 망가뜨리지 않는 낮은 학습률",
        english: "a low rate keeps what the published weights know",
    },
    ..ATTENTION
};

/// Detectors and segmenters of transformers, as published for fine-tuning.
const QUERIES: Defaults = Defaults {
    optimizer: Optimizer::Adamw,
    learning_rate: 2e-4,
    momentum: 0.9,
    weight_decay: 1e-4,
    schedule: Schedule::Cosine,
    batch_size: 8,
    because: Because { korean: "트랜스포머 모델에 맞는 값", english: "suits transformers" },
    ..DETECTORS
};

/// YOLO11's published schedule: nominal batch 64 by accumulation, linear decay, warm-up of 3 epochs.
const DETECTORS: Defaults = Defaults {
    epochs: 100,
    batch_size: 16,
    learning_rate: 0.01,
    momentum: 0.937,
    weight_decay: 5e-4,
    schedule: Schedule::Linear,
    warmup_epochs: 3.0,
    label_smoothing: 0.0,
    ema: true,
    augmentation: Augmentation::Standard,
    resize: Resize::Letterbox,
    patience: Some(50),
    because: Because {
        korean: "이 모델의 공개된 학습 설정",
        english: "the schedule published for this model",
    },
    ..SMALL_IMAGES
};

/// One look at each good image: what is kept of them is no gradient's, and nothing else of the recipe matters.
const ANOMALIES: Defaults = Defaults {
    epochs: 1,
    batch_size: 16,
    warmup_epochs: 0.0,
    augmentation: Augmentation::None,
    resize: Resize::Letterbox,
    because: Because {
        korean: "정상 이미지를 한 번씩 보고 기억하는 방식",
        english: "it looks at each good image once and remembers",
    },
    ..SMALL_IMAGES
};

/// Iterations below which a detector is trained as [`Defaults::for_run`] says.
pub const SHORT_ITERATIONS: u64 = 10_000;

impl Defaults {
    /// For as many batches as a run will have, where that is known: a detector that has few of them learns with AdamW,
    /// at a rate that falls with the number of classes.
    pub fn for_run(self, task: Task, batches: Option<u64>, classes: usize) -> Defaults {
        if matches!(task, Task::Classify | Task::Anomaly)
            || self.optimizer != Optimizer::Sgd
            || batches.is_none_or(|batches| batches >= SHORT_ITERATIONS)
        {
            return self;
        }
        Defaults {
            optimizer: Optimizer::Adamw,
            learning_rate: detector_rate(classes),
            momentum: 0.9,
            because: Because {
                korean: "짧은 탐지 학습은 AdamW에서 더 잘 수렴함",
                english: "a short training of a detector gets further with AdamW",
            },
            ..self
        }
    }

    /// The rate that suits an optimizer other than the recommended one: Adam's is far below SGD's.
    pub fn rate_for(&self, task: Task, optimizer: Optimizer, classes: usize) -> (f64, Because) {
        use Optimizer::{Adam, Adamw, Sgd};
        let adams = Because { korean: "Adam 계열에 맞는 값", english: "suits Adam" };
        let sgds = Because { korean: "SGD에 맞는 값", english: "suits SGD" };
        match (self.optimizer, optimizer) {
            (Sgd, Adam | Adamw) if task != Task::Classify => (detector_rate(classes), adams),
            (Adam | Adamw, Sgd) if task != Task::Classify => (DETECTORS.learning_rate, sgds),
            (Sgd, Adam | Adamw) => (1e-3, adams),
            (Adam | Adamw, Sgd) => (0.02, sgds),
            _ => (self.learning_rate, self.because),
        }
    }
}

/// Adam's published rate for detectors: .002 for one class.
fn detector_rate(classes: usize) -> f64 {
    let rate = 0.002 * 5.0 / (4.0 + classes.max(1) as f64);
    (rate * 1e6).round() / 1e6
}

/// The row of the table for `model` at `image_size` pixels.
pub fn defaults(model: &Model, image_size: u32, is_published: bool) -> Defaults {
    match model.task {
        Task::Classify if is_published => FINE_TUNED,
        Task::Detect | Task::Segment if model.runner.name() == Some("transformers") => QUERIES,
        Task::Classify
            if matches!(
                &*model.family,
                "ViT" | "ViT (timm)" | "ConvNeXt" | "Swin" | "EfficientNet" | "EfficientNetV2"
            ) =>
        {
            ATTENTION
        }
        Task::Classify if image_size <= TINY_SIDE_PIXELS => TINY_IMAGES,
        Task::Classify if image_size <= SMALL_SIDE_PIXELS => SMALL_IMAGES,
        Task::Classify => PHOTOS,
        Task::Anomaly => ANOMALIES,
        _ => DETECTORS,
    }
}

/// The side in pixels for this data: 16 for tiny images, else the median side rounded up to 32, and never above the
/// model's own. A detector gets no less than [`DETECTOR_SIDE_PIXELS`].
pub fn image_size(model: &Model, profile: Option<&DatasetProfile>) -> (u32, Because) {
    let own = Because { korean: "모델의 기본 크기", english: "the model's own size" };
    let Some(profile) = profile.filter(|profile| profile.serves(model.task)) else {
        return (model.image_size, own);
    };
    let median = profile.width[1].max(profile.height[1]);
    let least = if model.task == Task::Classify { TINY_SIDE_PIXELS } else { DETECTOR_SIDE_PIXELS };
    let fitted = if median <= least { least } else { median.div_ceil(32).saturating_mul(32) };
    if fitted < model.image_size {
        (
            fitted,
            Because {
                korean: "데이터 이미지의 중간 크기에 맞춤",
                english: "fits the median side of the images",
            },
        )
    } else {
        (model.image_size, own)
    }
}

/// Light augmentation where flips and colours would change the class: digits, letters, grey images.
pub fn augmentation(defaults: &Defaults, profile: Option<&DatasetProfile>) -> (Augmentation, Because) {
    if defaults.augmentation == Augmentation::None {
        return (defaults.augmentation, defaults.because);
    }
    let glyph = |name: &str| {
        let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        name.chars().count() == 1
            || words.contains(&name.to_lowercase().as_str())
            || name.parse::<u32>().is_ok()
    };
    let Some(profile) = profile.filter(|profile| !profile.classes.is_empty()) else {
        return (defaults.augmentation, defaults.because);
    };
    if profile.classes.iter().all(|class| glyph(&class.name)) {
        let because = Because {
            korean: "숫자·글자는 뒤집으면 다른 것이 됨",
            english: "a flipped digit or letter is another one",
        };
        return (Augmentation::Light, because);
    }
    if profile.grey {
        return (
            Augmentation::Light,
            Because {
                korean: "흑백 이미지라 색 변형이 의미 없음",
                english: "colour changes mean nothing to grey images",
            },
        );
    }
    (defaults.augmentation, defaults.because)
}

/// Epochs for this many training images.
pub fn epochs(defaults: &Defaults, training_images: Option<u64>) -> (u32, Because) {
    match training_images {
        Some(images) if images > LARGE_SET_IMAGES => {
            let because = Because {
                korean: "데이터가 많아 적은 에폭으로 충분함",
                english: "with this many images fewer epochs do",
            };
            ((defaults.epochs / 2).max(1), because)
        }
        _ => (defaults.epochs, defaults.because),
    }
}

/// A batch that fits into the training images.
pub fn batch_size(defaults: &Defaults, training_images: Option<u64>) -> (u32, Because) {
    match training_images.and_then(|images| u32::try_from(images).ok()) {
        Some(images) if images > 0 && defaults.batch_size > images => (
            images,
            Because {
                korean: "학습 이미지 수보다 클 수 없음", english: "no more than the training images"
            },
        ),
        _ => (defaults.batch_size, defaults.because),
    }
}
