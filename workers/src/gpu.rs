//! The GPUs of a worker's machine, as NVIDIA's driver tells of them every few seconds: how much they compute, their memory, how warm
//! they are and what they draw.
//!
//! The driver's library is opened when the worker starts. Where there is none there are no figures, and nothing else is missing. A
//! driver may hang: nobody waits for it, and what it has said too long ago is not told any more.

use std::fmt::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nvml_wrapper::Nvml;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::error::NvmlError;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use tokio::sync::Notify;
use trainyard_events::fleet::Gpu;
use trainyard_events::limits;

/// As drivers install it; the name without a number belongs to packages for developers.
const LIBRARY: &str = "libnvidia-ml.so.1";
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// One GPU as the driver says it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Reading {
    name: String,
    percent: Option<u32>,
    /// Used, and all.
    memory: Option<(u64, u64)>,
    celsius: Option<u32>,
    milliwatts: Option<u32>,
}

/// What the driver has told last, and when.
#[derive(Debug, Default)]
struct Told {
    last: Mutex<Option<(Instant, Vec<Gpu>)>>,
    /// Rings when it has told something.
    rung: Notify,
}

/// Clones tell the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gpus(Arc<Told>);

impl Gpus {
    /// Looks again and again, in a thread of its own, for as long as anybody else has these.
    pub(crate) fn watch(&self) {
        let nvml = match Nvml::builder().lib_path(LIBRARY.as_ref()).init() {
            Ok(nvml) => nvml,
            Err(error) => {
                tracing::debug!(%error, "no driver tells of GPUs here");
                return;
            }
        };
        let kept = Arc::downgrade(&self.0);
        let looking = move || {
            while let Some(kept) = kept.upgrade() {
                let told = Gpus(kept);
                match readings(&nvml) {
                    Ok(readings) => told.tell(Instant::now(), figures(readings)),
                    Err(error) => tracing::debug!(%error, "the driver does not tell of GPUs now"),
                }
                drop(told);
                std::thread::sleep(LOOK_EVERY);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("gpus".to_owned()).spawn(looking) {
            tracing::warn!(%error, "GPUs are not looked at");
        }
    }

    fn tell(&self, at: Instant, gpus: Vec<Gpu>) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, gpus));
        self.0.rung.notify_waiters();
    }

    /// Waits for the driver's first word, for so long at most; not at all where there is none.
    pub(crate) async fn first(&self, most: Duration) {
        let rung = self.0.rung.notified();
        // A thread that looks holds one besides.
        if Arc::weak_count(&self.0) > 0 && self.now().is_empty() {
            let _told_or_not = tokio::time::timeout(most, rung).await;
        }
    }

    /// As they were a moment ago.
    pub(crate) fn now(&self) -> Vec<Gpu> {
        let told = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = told.as_ref().filter(|(at, _)| at.elapsed() < limits::FLEET_RECORD);
        fresh.map(|(_, gpus)| gpus.clone()).unwrap_or_default()
    }
}

/// The version of NVIDIA's driver on this machine, and the GPUs that it tells of now; `None` where none is installed. A driver that
/// hangs lets the caller wait.
///
/// # Errors
/// What a driver says that is installed and does not work.
pub fn driver() -> Result<Option<(String, Vec<Gpu>)>, String> {
    let nvml = match Nvml::builder().lib_path(LIBRARY.as_ref()).init() {
        Err(NvmlError::LibloadingError(_)) => return Ok(None),
        opened => opened.map_err(|error| error.to_string())?,
    };
    let told = nvml.sys_driver_version().and_then(|version| Ok((version, figures(readings(&nvml)?))));
    told.map(Some).map_err(|error| error.to_string())
}

fn readings(nvml: &Nvml) -> Result<Vec<Reading>, NvmlError> {
    let of = |index: u32| {
        let device = nvml.device_by_index(index)?;
        Ok(Reading {
            name: device.name()?,
            percent: device.utilization_rates().ok().map(|rates| rates.gpu),
            memory: device.memory_info().ok().map(|memory| (memory.used, memory.total)),
            celsius: device.temperature(TemperatureSensor::Gpu).ok(),
            milliwatts: device.power_usage().ok(),
        })
    };
    (0..nvml.device_count()?).map(of).collect()
}

fn figures(readings: Vec<Reading>) -> Vec<Gpu> {
    let figures = |(index, reading): (u32, Reading)| Gpu {
        index,
        name: reading.name,
        use_percent: reading.percent.map(|percent| percent.min(100)),
        memory_used_bytes: reading.memory.map(|(used, all)| used.min(all)),
        memory_bytes: reading.memory.map(|(_, all)| all),
        celsius: reading.celsius,
        watts: reading.milliwatts.map(|milliwatts| milliwatts.saturating_add(500) / 1_000),
    };
    (0..).zip(readings).map(figures).collect()
}

impl Collector for Gpus {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let gpus = self.now();
        let count = ConstGauge::new(gpus.len() as u64);
        let help = "GPUs that the machine's driver tells of";
        count.encode(encoder.encode_descriptor("worker_gpus", help, None, MetricType::Gauge)?)?;
        type Figure = (&'static str, &'static str, Option<Unit>, fn(&Gpu) -> Option<f64>);
        let celsius = || Some(Unit::Celsius);
        let figures: [Figure; 5] = [
            (
                "worker_gpu_use",
                "Share of the last moment that a GPU computed",
                Some(Unit::Other("ratio".to_owned())),
                |gpu| gpu.use_percent.map(|percent| f64::from(percent) / 100.0),
            ),
            ("worker_gpu_memory", "Memory of a GPU", Some(Unit::Bytes), |gpu| {
                gpu.memory_bytes.map(|bytes| bytes as f64)
            }),
            ("worker_gpu_memory_used", "Memory of a GPU that is used", Some(Unit::Bytes), |gpu| {
                gpu.memory_used_bytes.map(|bytes| bytes as f64)
            }),
            ("worker_gpu_temperature", "How warm a GPU is", celsius(), |gpu| gpu.celsius.map(f64::from)),
            ("worker_gpu_power", "What a GPU draws", Some(Unit::Other("watts".to_owned())), |gpu| {
                gpu.watts.map(f64::from)
            }),
        ];
        for (name, help, unit, figure) in figures {
            let told: Vec<(u32, f64)> =
                gpus.iter().filter_map(|gpu| Some((gpu.index, figure(gpu)?))).collect();
            if !told.is_empty() {
                let encoder = encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
                each(encoder, &told)?;
            }
        }
        Ok(())
    }
}

fn each(mut encoder: MetricEncoder<'_>, told: &[(u32, f64)]) -> Result<(), Error> {
    for (index, value) in told {
        let labels = [("device", *index)];
        ConstGauge::new(*value).encode(encoder.encode_family(&labels)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    /// One that tells everything, and one that tells nothing but its name.
    fn told() -> Vec<Gpu> {
        let all = Reading {
            name: "NVIDIA H200".to_owned(),
            percent: Some(87),
            memory: Some((40 << 30, 141 << 30)),
            celsius: Some(61),
            milliwatts: Some(410_499),
        };
        figures(vec![all, Reading { name: "Old".to_owned(), ..Reading::default() }])
    }

    fn metrics(gpus: Vec<Gpu>) -> String {
        let told = Gpus::default();
        told.tell(Instant::now(), gpus);
        let mut registry = Registry::default();
        registry.sub_registry_with_prefix("trainyard").register_collector(Box::new(told));
        let mut text = String::new();
        encode(&mut text, &registry).expect("a string takes any text");
        text
    }

    #[test]
    fn what_the_driver_says_becomes_figures() {
        let [all, old] = &told()[..] else { panic!("two GPUs") };
        assert_eq!((all.index, all.use_percent, all.celsius, all.watts), (0, Some(87), Some(61), Some(410)));
        assert_eq!((all.memory_used_bytes, all.memory_bytes), (Some(40 << 30), Some(141 << 30)));
        assert_eq!((old.index, old.use_percent, old.memory_bytes, old.watts), (1, None, None, None));
    }

    #[test]
    fn figures_have_the_number_of_the_device_and_no_name() {
        let text = metrics(told());
        for line in [
            "trainyard_worker_gpus 2",
            "trainyard_worker_gpu_use_ratio{device=\"0\"} 0.87",
            "trainyard_worker_gpu_memory_bytes{device=\"0\"} 151397597184.0",
            "trainyard_worker_gpu_memory_used_bytes{device=\"0\"} 42949672960.0",
            "trainyard_worker_gpu_temperature_celsius{device=\"0\"} 61.0",
            "trainyard_worker_gpu_power_watts{device=\"0\"} 410.0",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("H200") && !text.contains("device=\"1\""), "{text}");
    }

    /// Nobody can look at its panels where there is no GPU: at least they ask for what there is.
    #[test]
    fn the_dashboard_of_gpus_asks_for_what_is_told() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/grafana/gpus.json");
        let board = std::fs::read_to_string(path).expect("the dashboard");
        let name = |from: &str| -> String {
            from.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
        };
        let asked: BTreeSet<String> =
            board.match_indices("trainyard_worker_gpu").map(|(at, _)| name(&board[at..])).collect();
        assert!(asked.len() >= 6, "{asked:?}");
        let text = metrics(told());
        for metric in &asked {
            assert!(
                text.contains(&format!("\n{metric}{{")) || text.contains(&format!("\n{metric} ")),
                "{metric}"
            );
        }
    }

    #[test]
    fn where_there_is_no_driver_there_are_no_figures() {
        let gpus = Gpus::default();
        gpus.watch();
        assert!(gpus.now().is_empty() || std::path::Path::new("/dev/nvidiactl").exists());
        let text = metrics(Vec::new());
        assert!(text.contains("trainyard_worker_gpus 0") && !text.contains("worker_gpu_"), "{text}");
    }

    #[test]
    fn what_was_said_too_long_ago_is_not_told() {
        let gpus = Gpus::default();
        let Some(before) = Instant::now().checked_sub(limits::FLEET_RECORD) else { return };
        gpus.tell(before, told());
        assert!(gpus.now().is_empty());
        gpus.tell(Instant::now(), told());
        assert_eq!(gpus.now().len(), 2);
    }
}
