//! Training that can be checked exactly: what is learned is a chain of hashes, one link an epoch, so that every
//! measurement and the weights are known beforehand from the job's seed, whoever trained which part of it.

use sha2::{Digest, Sha256};

/// The state after `epochs` whole epochs, in hex: what checkpoints and weights hold.
pub fn state(seed: u64, epochs: u32) -> String {
    (1..=epochs).fold(format!("{:064x}", seed), |state, epoch| link(&state, epoch))
}

/// One epoch more.
pub fn link(state: &str, epoch: u32) -> String {
    hex::encode(Sha256::digest(format!("{state}:{epoch}")))
}

/// The measurement that a state leads to, between 0 and 1.
pub fn accuracy(state: &str) -> f64 {
    let head = u32::from_str_radix(&state[..8], 16).expect("a state is hex");
    f64::from(head) / f64::from(u32::MAX)
}
