//! What the machine of a worker has and uses, read when somebody asks: processors, memory, and the disk it works on.
//!
//! Of the whole machine, not of the worker's own share: trainers are its children, and neighbours are what slows them.

use std::fmt::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use trainyard_events::fleet::Machine;

/// Linux counts processor time in these parts of a second for programs, whatever its own clock does.
const TICKS_PER_SECOND: f64 = 100.0;

/// Of this machine.
#[derive(Debug)]
pub(crate) struct Host {
    /// Where attempts have their folders.
    pub(crate) work_dir: PathBuf,
}

/// Since the machine was started, of all its processors together.
#[derive(Debug, PartialEq)]
struct ProcessorSeconds {
    busy: f64,
    processors: u64,
}

#[derive(Debug, PartialEq)]
struct MemoryBytes {
    total: u64,
    available: u64,
}

impl Collector for Host {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        if let Some(ProcessorSeconds { busy, processors }) = processor_seconds(&read("/proc/stat")) {
            let busy = ConstCounter::new(busy);
            let (help, unit) = ("Time that the machine's processors were busy", Some(&Unit::Seconds));
            let kind = busy.metric_type();
            busy.encode(encoder.encode_descriptor("worker_host_busy", help, unit, kind)?)?;
            gauge(&mut encoder, "worker_host_processors", "Processors of the machine", None, processors)?;
        }
        let bytes = Some(Unit::Bytes);
        if let Some(MemoryBytes { total, available }) = memory_bytes(&read("/proc/meminfo")) {
            let (all, free) = ("Memory of the machine", "Memory that programs may still have");
            gauge(&mut encoder, "worker_host_memory", all, bytes.as_ref(), total)?;
            gauge(&mut encoder, "worker_host_memory_available", free, bytes.as_ref(), available)?;
        }
        if let Ok(disk) = statvfs(&self.work_dir) {
            let (all, free) =
                ("The disk that attempts work on", "What is free of the disk that attempts work on");
            let bytes_of = |blocks: u64| blocks * disk.fragment_size();
            gauge(&mut encoder, "worker_disk", all, bytes.as_ref(), bytes_of(disk.blocks()))?;
            gauge(
                &mut encoder,
                "worker_disk_available",
                free,
                bytes.as_ref(),
                bytes_of(disk.blocks_available()),
            )?;
        }
        Ok(())
    }
}

fn gauge(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: u64,
) -> Result<(), Error> {
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
}

/// Of `/proc/stat`: the first line is all processors together, in the order user, nice, system, idle, waiting for the
/// disk, interrupts, soft interrupts, stolen; guests are within user and nice.
fn processor_seconds(stat: &str) -> Option<ProcessorSeconds> {
    let all = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<f64> = all.split_whitespace().map_while(|ticks| ticks.parse().ok()).collect();
    let [user, nice, system, _, _, interrupts, soft, ..] = *ticks else { return None };
    let numbered = |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| !rest.starts_with(' '));
    Some(ProcessorSeconds {
        busy: (user + nice + system + interrupts + soft) / TICKS_PER_SECOND,
        processors: stat.lines().filter(numbered).count() as u64,
    })
}

/// How busy the machine is from one look to the next. Clones have one memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Option<Look>>>);

#[derive(Debug)]
struct Look {
    at: Instant,
    busy: f64,
    told: Option<Machine>,
}

/// A look that comes sooner is told what the one before was told: within moments a processor is busy or it is not.
const LOOK_MIN: Duration = Duration::from_secs(1);

impl Meter {
    /// `None` at the first look, and where the kernel does not tell.
    pub(crate) fn look(&self) -> Option<Machine> {
        let read = |path: &str| std::fs::read_to_string(path).ok();
        let processors = processor_seconds(&read("/proc/stat")?)?;
        let memory = memory_bytes(&read("/proc/meminfo")?)?;
        self.look_at(Instant::now(), &processors, &memory)
    }

    fn look_at(&self, at: Instant, seen: &ProcessorSeconds, memory: &MemoryBytes) -> Option<Machine> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = match &*last {
            Some(before) if at - before.at < LOOK_MIN => return before.told.clone(),
            Some(before) => {
                let could = (at - before.at).as_secs_f64() * seen.processors as f64;
                let busy = ((seen.busy - before.busy) / could).clamp(0.0, 1.0);
                let memory_used_bytes = memory.total.saturating_sub(memory.available);
                Some(Machine { busy_percent: (busy * 100.0).round() as u32, memory_used_bytes })
            }
            None => None,
        };
        *last = Some(Look { at, busy: seen.busy, told: told.clone() });
        told
    }
}

/// All that this machine has.
pub(crate) fn memory() -> Option<u64> {
    memory_bytes(&std::fs::read_to_string("/proc/meminfo").ok()?).map(|memory| memory.total)
}

/// Of `/proc/meminfo`, in kibibytes there.
fn memory_bytes(meminfo: &str) -> Option<MemoryBytes> {
    let of = |name: &str| -> Option<u64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    Some(MemoryBytes { total: of("MemTotal:")?, available: of("MemAvailable:")? })
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn processors_are_busy_with_everything_but_idling() {
        let stat = "cpu  100 20 30 5000 400 5 6 7 0 0\ncpu0 50 10 15 2500 200 5 3 7 0 0\ncpu1 50 10 15 2500 200 0 3 0 0 0\nintr 1";
        assert_eq!(processor_seconds(stat), Some(ProcessorSeconds { busy: 1.61, processors: 2 }));
        assert_eq!(processor_seconds("cpu  1 2"), None);
        assert_eq!(processor_seconds(""), None);
    }

    #[test]
    fn a_machine_is_as_busy_as_it_was_since_the_last_look() {
        let (meter, begun) = (Meter::default(), Instant::now());
        let look = |second: u64, busy: f64| {
            let (seen, memory) =
                (ProcessorSeconds { busy, processors: 4 }, MemoryBytes { total: 10, available: 7 });
            meter.look_at(begun + Duration::from_secs(second), &seen, &memory)
        };
        let busy = |second, busy| {
            look(second, busy).map(|machine| (machine.busy_percent, machine.memory_used_bytes))
        };
        assert_eq!(busy(0, 1_000.0), None, "nobody knows since when");
        assert_eq!(busy(5, 1_005.0), Some((25, 3)));
        assert_eq!(busy(5, 1_007.0), Some((25, 3)), "no time has passed");
        assert_eq!(busy(7, 1_013.0), Some((100, 3)));
        assert_eq!(busy(9, 1_000.0), Some((0, 3)), "counters that went back");
    }

    #[test]
    fn memory_is_told_in_bytes() {
        let meminfo = "MemTotal:       24689032 kB\nMemFree:  1 kB\nMemAvailable:   20000000 kB\n";
        let expected = MemoryBytes { total: 24_689_032 << 10, available: 20_000_000 << 10 };
        assert_eq!(memory_bytes(meminfo), Some(expected));
        assert_eq!(memory_bytes("MemTotal: 5 kB\n"), None, "an old kernel");
    }

    #[test]
    fn this_machine_is_told_of() {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Host { work_dir: "/".into() }));
        let mut text = String::new();
        encode(&mut text, &registry).expect("a string takes any text");
        let value = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
            line.unwrap_or_else(|| panic!("{name} in\n{text}")).parse().expect("a number")
        };
        assert!(value("worker_host_busy_seconds_total") > 0.0);
        assert!(value("worker_host_processors") >= 1.0);
        assert!(value("worker_host_memory_bytes") >= value("worker_host_memory_available_bytes"));
        assert!(value("worker_disk_bytes") >= value("worker_disk_available_bytes"));
    }
}
