//! The table that a measurement ends with: each row with the load that the machine was under when it was measured.

use std::time::Duration;

pub struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    pub fn new() -> Table {
        Table { rows: Vec::new() }
    }

    /// Is shown at once as well: a measurement may take long.
    pub fn row(&mut self, what: impl Into<String>, figure: impl Into<String>, goal: &str) {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
        let row = [what.into(), figure.into(), goal.to_owned(), load];
        println!("{}", row.join(" | "));
        self.rows.push(row);
    }

    pub fn print(&self) {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        println!("\n| what | figure | goal | load of {cores} cores |\n| --- | --- | --- | --- |");
        self.rows.iter().for_each(|row| println!("| {} |", row.join(" | ")));
    }
}

pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The value below which this share of them lies.
pub fn at(share: f64, values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

pub fn median_ms(values: &[f64]) -> String {
    format!("p50 {:.1} ms, p99 {:.1} ms", at(0.5, values), at(0.99, values))
}
