//! The networks that answer an image with a number for each class, by their names.

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::models::convnext::ConvNext;
use crate::models::inverted::Inverted;
use crate::models::resnet::ResNet;
use crate::models::{Mode, Network, Shape};

#[derive(Debug)]
pub enum Classifier {
    ResNet(ResNet),
    Inverted(Inverted),
    ConvNext(ConvNext),
}

impl Network for Classifier {
    type Output = Tensor;
    const FIXED: u64 = 0;

    fn new(root: &Path, shape: &Shape) -> Option<Self> {
        let resnet = || ResNet::new(root, shape).map(Classifier::ResNet);
        let inverted = || Inverted::new(root, shape).map(Classifier::Inverted);
        let convnext = || ConvNext::new(root, shape).map(Classifier::ConvNext);
        resnet().or_else(inverted).or_else(convnext)
    }

    fn forward(&self, images: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        match self {
            Classifier::ResNet(network) => network.forward(images, mode),
            Classifier::Inverted(network) => network.forward(images, mode),
            Classifier::ConvNext(network) => network.forward(images),
        }
    }

    fn is_head(tensor: &str) -> bool {
        ["fc.", "classifier.", "head.fc."].iter().any(|head| tensor.starts_with(head))
    }

    /// Depthwise convolutions of few channels are slower in it (0.6 to 0.75 times as fast on an AMD EPYC), the others faster (1.7
    /// and 2.2 times).
    fn gains_from_bf16(&self) -> bool {
        !matches!(self, Classifier::Inverted(_))
    }
}
