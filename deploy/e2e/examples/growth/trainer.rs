//! A trainer that does nothing: it speaks the protocol, and what it says is made up. The program that measures is itself
//! what the measured platform starts, so that there is one less to be built.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use trainyard_events::results::Measurements;
use trainyard_events::trainer::{TrainerLine, TrainerSpec};

const CLASSES: [&str; 2] = ["0", "1"];

/// `train --spec FILE --work DIR`. The configuration's seed says how many measurements an epoch has.
pub fn train(arguments: &[&str]) -> Result<()> {
    let said = |name: &str| {
        let at = arguments.iter().position(|argument| *argument == name);
        at.and_then(|at| arguments.get(at + 1)).with_context(|| format!("{name} is not said"))
    };
    let spec: TrainerSpec = serde_json::from_slice(&fs::read(said("--spec")?)?)?;
    let weights = Path::new(said("--work")?).join("weights.safetensors");
    let classes: Vec<String> = CLASSES.map(str::to_owned).into();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut say = |line: TrainerLine| -> Result<()> {
        serde_json::to_writer(&mut out, &line)?;
        Ok(out.write_all(b"\n")?)
    };
    say(TrainerLine::Started {
        device: "cpu (nothing)".to_owned(),
        parameters: 1,
        train_images: 1,
        validation_images: 1,
        classes: classes.clone(),
        dataset_hash: spec.dataset_hash,
        resolved: Default::default(),
    })?;
    let epochs = spec.config.epochs;
    for epoch in 1..=epochs {
        let value = f64::from(epoch) / f64::from(epochs);
        say(TrainerLine::Epoch {
            epoch,
            train: Measurements::new(),
            validation: measurements(spec.config.seed, value),
            primary: "accuracy".to_owned(),
            is_best: true,
            learning_rate: 0.1,
            seconds: 0.001,
        })?;
    }
    fs::write(&weights, "nothing")?;
    say(TrainerLine::Finished {
        best_epoch: epochs,
        measurements: measurements(1, 1.0),
        classes,
        weights,
        stopped_early: None,
        because: Vec::new(),
    })?;
    Ok(out.flush()?)
}

/// `accuracy`, and others until they are so many.
fn measurements(count: u64, value: f64) -> Measurements {
    let others = (1..count).map(|number| (format!("measurement_{number}"), value / number as f64));
    others.chain([("accuracy".to_owned(), value)]).collect()
}
