//! Whole conversations without a server.

mod conversations;
mod memory;
mod registry;
mod safety;
mod shown;
mod world;
