//! Answers with trained models, whatever trained them: ONNX Runtime, a model loaded when it is asked for, and images that
//! come together in one pass. The only home of ort.

mod convert;
mod desk;
mod files;
mod frame;
pub mod limits;
mod model;
mod nms;
mod onnx;
mod outputs;
mod prepare;
mod serve;
mod shelf;
mod way;

pub use desk::{Answered, Desk};
pub use files::Files;
pub use model::{Model, Runtime, Watch};
pub use outputs::Answer;
pub use prepare::{Prepared, Wish};
pub use serve::{Predictor, Settings, main};
pub use shelf::{Room, Shelf};
