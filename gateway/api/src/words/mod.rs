//! Every problem in words: one exhaustive match for each language, so that nothing can be left out of either.

pub(crate) mod english;
pub(crate) mod korean;
