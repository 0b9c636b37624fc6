//! How well a model does, counted once and read in several ways.

pub mod answered;
pub mod average_precision;
pub mod confusion;
pub mod drawing;
pub mod matched;
