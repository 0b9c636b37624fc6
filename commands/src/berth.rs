//! Pure: what is free on each worker that is dispatched to by name, which of them a job goes to, and which of its GPUs it gets.
//!
//! What a job has to itself is packed: it goes to the fullest worker that has room, so that those that need many find them on
//! one. What shares a GPU, or needs none, is spread.

use trainyard_events::Resources;
use trainyard_events::fleet::{Accelerator, Pool, WorkerRecord};
use uuid::Uuid;

/// One worker with a queue of its own, as far as it is free.
#[derive(Clone, Debug)]
pub struct Berth {
    /// What it has, with whoever has each of its GPUs by now.
    record: WorkerRecord,
    /// Jobs that it may still take.
    slots: u32,
    /// A bit for each GPU that nobody has.
    free: Devices,
}

/// A bit for each GPU of a worker, of which there are [`trainyard_events::limits::WORKER_DEVICES`] at most.
pub(crate) type Devices = u64;

impl Berth {
    /// Nothing takes a slot there yet.
    pub fn new(record: WorkerRecord) -> Berth {
        let free = bits(&record, |device| device.jobs.is_empty());
        Berth { slots: record.slots, record, free }
    }

    pub fn name(&self) -> &str {
        &self.record.worker
    }

    pub fn pool(&self) -> Pool {
        self.record.pool
    }

    pub fn runners(&self) -> impl Iterator<Item = &str> {
        self.record.runners.iter().map(|installed| installed.runner.as_str())
    }

    pub fn has_devices(&self) -> bool {
        !self.record.devices.is_empty()
    }

    /// Takes a slot, and the GPUs that the job has or will get there.
    pub fn take(&mut self, job: Uuid, asked: Option<&Resources>) {
        self.slots = self.slots.saturating_sub(1);
        let devices = &mut self.record.devices;
        if !devices.iter().any(|device| device.jobs.contains(&job)) {
            let chosen = assign(devices, asked, self.record.slots).unwrap_or_default();
            give(devices, &chosen, job, asked);
        }
        self.free = bits(&self.record, |device| device.jobs.is_empty());
    }

    /// Gives both back.
    pub fn leave(&mut self, job: Uuid) {
        self.slots = self.slots.saturating_add(1).min(self.record.slots);
        release(&mut self.record.devices, job);
        self.free = bits(&self.record, |device| device.jobs.is_empty());
    }

    /// A job that is about to leave has none of its GPUs any more, and no slot was taken for it.
    pub(crate) fn forget(&mut self, job: Uuid) {
        release(&mut self.record.devices, job);
        self.free = bits(&self.record, |device| device.jobs.is_empty());
    }

    /// Takes nothing more.
    pub(crate) fn close(&mut self) {
        self.slots = 0;
    }

    /// The GPUs that suit such a job, where it could ever run there.
    pub(crate) fn suiting(
        &self,
        pool: Pool,
        runner: Option<&str>,
        asked: Option<&Resources>,
    ) -> Option<Devices> {
        let could = self.record.pool == pool
            && self.record.has(runner)
            && asked.is_none_or(|asked| asked.fits(&self.record));
        could.then(|| bits(&self.record, |device| asked.is_none_or(|asked| asked.suits(device))))
    }

    /// How many of these it lacks now.
    pub(crate) fn lacks(&self, suiting: Devices, count: u32) -> u32 {
        count.saturating_sub((suiting & self.free).count_ones())
    }

    /// Whether a job finds a slot, and so many GPUs of these to itself, or one to share where it asks for none.
    pub(crate) fn has_room(&self, suiting: Devices, count: u32) -> bool {
        self.slots > 0
            && match count {
                0 => assign(&self.record.devices, None, self.record.slots).is_some(),
                count => self.lacks(suiting, count) == 0,
            }
    }

    /// The less, the sooner it is chosen: the machine that is to be avoided comes last.
    pub(crate) fn rank(&self, count: u32, avoided: Option<&str>, packs: bool) -> (bool, i64, i64) {
        let devices = &self.record.devices;
        let is_avoided = avoided.is_some_and(|host| host == self.record.host);
        let is_whole = count > 0 || !devices.is_empty() && share(devices, self.record.slots) == 1;
        let (free, slots) = (i64::from(self.free.count_ones()), i64::from(self.slots));
        let (free, slots) = if is_whole && packs { (free, slots) } else { (-free, -slots) };
        (is_avoided, free, slots)
    }

    pub(crate) fn host(&self) -> &str {
        &self.record.host
    }
}

fn bits(record: &WorkerRecord, of: impl Fn(&Accelerator) -> bool) -> Devices {
    let numbered = record.devices.iter().take(Devices::BITS as usize).enumerate();
    numbered.filter(|(_, device)| of(device)).fold(0, |bits, (index, _)| bits | 1 << index)
}

/// GPUs of a worker that nobody has and that suit what is asked.
pub fn free(record: &WorkerRecord, asked: &Resources) -> u32 {
    let is_free = |device: &&Accelerator| device.jobs.is_empty() && asked.suits(device);
    u32::try_from(record.devices.iter().filter(is_free).count()).unwrap_or(u32::MAX)
}

/// Which GPUs of a worker with so many `slots` a job gets; `None` where it has to wait for some. What asks for none shares one
/// where the worker has more slots than GPUs, and has one to itself where it has not.
pub fn assign(devices: &[Accelerator], asked: Option<&Resources>, slots: u32) -> Option<Vec<usize>> {
    if devices.is_empty() && !asks_gpus(asked) {
        return Some(Vec::new());
    }
    // What has more memory stays for those that need it.
    let modest = |index: &usize| (devices[*index].memory_bytes, *index);
    let each = 0..devices.len();
    match asked.filter(|asked| asked.gpu_count() > 0) {
        Some(asked) => {
            let is_free = |index: &usize| devices[*index].jobs.is_empty() && asked.suits(&devices[*index]);
            let mut free: Vec<usize> = each.filter(is_free).collect();
            let count = asked.gpu_count() as usize;
            free.sort_by_key(modest);
            (free.len() >= count).then(|| free[..count].to_vec())
        }
        None => {
            let most = share(devices, slots) as usize;
            let open = each.filter(|index| !devices[*index].whole && devices[*index].jobs.len() < most);
            let chosen = open.min_by_key(|index| (devices[*index].jobs.len(), modest(index)));
            chosen.map(|index| vec![index])
        }
    }
}

/// Notes who has what.
pub fn give(devices: &mut [Accelerator], chosen: &[usize], job: Uuid, asked: Option<&Resources>) {
    for index in chosen {
        if let Some(device) = devices.get_mut(*index) {
            device.jobs.push(job);
            device.whole = asks_gpus(asked);
        }
    }
}

/// The job has none of them any more.
pub fn release(devices: &mut [Accelerator], job: Uuid) {
    for device in devices {
        device.jobs.retain(|known| *known != job);
        device.whole &= !device.jobs.is_empty();
    }
}

fn asks_gpus(asked: Option<&Resources>) -> bool {
    asked.is_some_and(|asked| asked.gpu_count() > 0)
}

/// Jobs that share one GPU of a worker, at most.
fn share(devices: &[Accelerator], slots: u32) -> u32 {
    slots.div_ceil(u32::try_from(devices.len()).unwrap_or(u32::MAX).max(1)).max(1)
}
