//! Whole conversations without a server.

mod conversations;
mod memory;
mod safety;
mod world;
