//! Whole conversations without a server.

mod conversations;
mod world;
