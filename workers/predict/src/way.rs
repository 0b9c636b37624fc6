//! How far a model has come that its callers wait for, in words for those who may not wait any longer.

use std::time::Instant;

/// Where it is, in the order that it goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Others are being fetched and loaded.
    Queued,
    Fetched,
    /// In memory there is no place, and those who have one are asked.
    Crowded,
    Loaded,
}

#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub stage: Stage,
    pub since: Instant,
}

impl Way {
    pub fn new() -> Way {
        Way { stage: Stage::Queued, since: Instant::now() }
    }

    /// `here` of the model's `bytes` are on the disk.
    pub fn words(&self, bytes: u64, here: u64) -> String {
        let mb = |bytes: u64| bytes.div_ceil(1_000_000);
        let stage = match self.stage {
            Stage::Queued => format!("the model ({} MB) waits until others are loaded", mb(bytes)),
            Stage::Fetched => format!("of the model {} of {} MB are fetched", mb(here.min(bytes)), mb(bytes)),
            Stage::Crowded => format!("the model ({} MB) waits for a place in memory", mb(bytes)),
            Stage::Loaded => format!("the model ({} MB) is still being loaded", mb(bytes)),
        };
        format!("{stage}, {} s after it was asked for", self.since.elapsed().as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_where_a_model_is_and_never_more_than_there_is_of_it() {
        let told = |stage, here| Way { stage, since: Instant::now() }.words(20_000_000, here);
        assert!(told(Stage::Queued, 0).contains("(20 MB) waits until others"));
        assert!(told(Stage::Fetched, 6_500_000).contains("7 of 20 MB"));
        assert!(told(Stage::Fetched, 40_000_000).contains("20 of 20 MB"));
        assert!(told(Stage::Crowded, 0).contains("place in memory"));
        assert!(told(Stage::Loaded, 0).contains("(20 MB) is still being loaded, 0 s after"));
    }
}
