//! The device and the threads of this process, fixed before libtorch computes anything.

use std::thread::available_parallelism;

use tch::Device;
use trainyard_events::config::Device as Wanted;
use trainyard_events::job::FailureClass;
use trainyard_events::reason::{Advice, Trouble};
use trainyard_libtorch::{Group, has_cuda};

use crate::failure::Failure;

/// With a CPU, decoding takes a few percent of the work; one decoding thread serves this many for arithmetic.
const ARITHMETIC_THREADS_FOR_ONE_DECODING: usize = 8;

#[derive(Clone, Copy, Debug)]
pub struct Hardware {
    pub device: Device,
    /// Of libtorch's operations.
    pub arithmetic_threads: usize,
    pub decoding_threads: usize,
    /// All of them, for what happens before training.
    pub threads: usize,
    /// That train together, each with such a device.
    pub processes: usize,
}

impl Hardware {
    /// `threads` are those of all processes of the group, 0 means all cores. Each has the GPU of its rank.
    pub fn choose(wanted: Wanted, threads: u32, group: &Group) -> Result<Self, Failure> {
        let cores = available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores } else { threads as usize };
        let threads = (threads / group.size()).max(1);
        let device = match wanted {
            Wanted::Cpu => Device::Cpu,
            Wanted::Auto | Wanted::Gpu if has_cuda() => Device::Cuda(group.rank()),
            Wanted::Auto => Device::Cpu,
            Wanted::Gpu => {
                return Err(Failure::new(FailureClass::Device, Trouble::NoGpu, Advice::GpuOrAuto));
            }
        };
        let (arithmetic_threads, decoding_threads) = match device {
            Device::Cpu => (threads, threads.div_ceil(ARITHMETIC_THREADS_FOR_ONE_DECODING)),
            _ => (1, threads.saturating_sub(1).max(1)),
        };
        tch::set_num_threads(arithmetic_threads as i32);
        Ok(Hardware { device, arithmetic_threads, decoding_threads, threads, processes: group.size() })
    }

    /// As a reader of the job would call it.
    pub fn name(&self) -> String {
        let one = match self.device {
            Device::Cpu => format!("cpu, {} threads", self.arithmetic_threads),
            Device::Cuda(index) if self.processes == 1 => format!("cuda:{index}"),
            Device::Cuda(_) => "cuda".to_owned(),
            other => format!("{other:?}"),
        };
        if self.processes == 1 { one } else { format!("{} x {one}", self.processes) }
    }
}

/// The main memory that this process holds, in MiB, as Linux counts it; `None` where nobody tells.
pub(super) fn resident_mib() -> Option<u64> {
    resident_in(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// `status` is a file of proc(5).
fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_writes_is_read_in_mib() {
        let status = "VmHWM:\t  999999 kB\nVmRSS:\t   826368 kB\nRssAnon:\t 1 kB\n";
        assert_eq!(resident_in(status), Some(807));
        assert_eq!(resident_in("VmHWM:\t 4 kB\n"), None);
        assert_eq!(resident_in("VmRSS:\t 4 pages\n"), None);
    }

    /// The tests beside this one take memory and give it back, so no difference can be told: what is held is, at least.
    #[test]
    fn what_a_process_holds_is_told() {
        let held = vec![1_u8; 64 << 20];
        let told = resident_mib().expect("Linux tells");
        assert!((64..1 << 20).contains(&told), "{told} MiB with {} held", std::hint::black_box(&held).len());
    }
}
