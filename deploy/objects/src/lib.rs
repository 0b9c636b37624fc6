//! An S3 server over a folder: the embedded store of `trainyard up`, and the only home of s3s.
//!
//! It is a process of its own, the platform's binary told to be it (`trainyard store 127.0.0.1:PORT`). It serves the
//! folder that it is started in to whoever signs with the keys that lie there, and to nobody else. An object is one
//! file: its content, and at the end what is known of it. A file gets its name only when it is whole and on the disk.

mod about;
mod buckets;
mod command;
mod condition;
mod copy;
mod error;
mod folder;
mod get;
mod key;
mod list;
mod object;
mod parts;
mod put;
mod receive;
mod server;
mod service;
mod uploads;
mod walk;

pub use command::{KEYS, VERB, if_asked};
