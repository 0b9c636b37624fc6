//! Pure: what the fleet lacks for a job to run at all, and what is taken of what it could have.

use trainyard_events::Resources;
use trainyard_events::fleet::{Accelerator, WorkerRecord};
use trainyard_events::reason::Wait;

use crate::berth;

/// What no worker has of those that could take the job otherwise; `None` where one has all that is asked for.
pub fn lack(workers: &[&WorkerRecord], asked: &Resources) -> Option<Wait> {
    if workers.iter().any(|worker| asked.fits(worker)) {
        return None;
    }
    let labelled: Vec<_> = workers.iter().filter(|worker| asked.is_labelled(worker)).collect();
    if labelled.is_empty() {
        let written = asked.labels.iter().map(|(name, value)| format!("{name}={value}"));
        return Some(Wait::NoWorkerHasLabels { labels: written.collect::<Vec<_>>().join(", ") });
    }
    let of_kind = |device: &&Accelerator| asked.is_kind(device);
    let devices = || labelled.iter().flat_map(|worker| &worker.devices);
    if let Some(gpu) = asked.gpu.clone().filter(|_| !devices().any(|device| asked.is_kind(device))) {
        let nearest = devices().max_by_key(|device| device.memory_bytes).map(|device| device.kind.clone());
        return Some(Wait::NoWorkerHasGpu { gpu, nearest });
    }
    let roomy = devices().filter(of_kind).any(|device| asked.has_memory(device));
    if let Some(gb) = asked.gpu_memory_gb.filter(|_| !roomy) {
        let most = devices().filter(of_kind).filter_map(|device| device.memory_bytes).max().unwrap_or(0);
        let most_gb = u32::try_from(most / 1_000_000_000).unwrap_or(u32::MAX);
        return Some(Wait::NoWorkerHasGpuMemory { gb, most_gb });
    }
    let suiting =
        |worker: &&&WorkerRecord| worker.devices.iter().filter(|device| asked.suits(device)).count() as u32;
    let most = labelled.iter().map(suiting).max().unwrap_or(0);
    Some(Wait::NoWorkerHasGpus { gpus: asked.gpu_count(), most })
}

/// That too few of the GPUs that it could have are free on one worker, where that is so.
pub fn taken(workers: &[&WorkerRecord], asked: &Resources) -> Option<Wait> {
    let fitting = workers.iter().filter(|worker| asked.fits(worker));
    let most = fitting.map(|worker| berth::free(worker, asked)).max().unwrap_or(0);
    let gpus = asked.gpu_count();
    (most < gpus).then_some(Wait::GpusTaken { gpus, most })
}
