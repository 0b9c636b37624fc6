//! Whole conversations without a server.

mod conversations;
mod memory;
mod world;
