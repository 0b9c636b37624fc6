//! Reads what a turn wants: a linear model, learned from the sets in `tests/sets` by `make reader`, over what stands in the
//! words once the values are masked out.

mod example;
mod features;
mod linear;
mod model;
mod numbers;
pub(crate) mod verbs;

use std::sync::LazyLock;

pub use example::{Example, Said, complete_proposal, examples};
pub(crate) use features::hash;
pub use features::{Features, State};
pub use linear::Linear;
pub use model::{Model, Reading, SHAPE, mark, values};
pub use numbers::{BUCKETS, CLASSES, Number};

/// The model that is built in.
static LEARNED: LazyLock<Model> = LazyLock::new(|| {
    Model::read(include_bytes!("../../reader.model")).expect("the model in the repository is whole")
});

/// Of what the built-in model was learned from.
pub fn learned_from() -> u64 {
    LEARNED.sets
}

/// The built-in model.
pub(crate) fn learned() -> &'static Model {
    &LEARNED
}
