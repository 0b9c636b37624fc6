//! libtorch's half for GPUs is loaded where it lies, and only for who may compute on one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "the other rings need more of it")]
mod pictures;
#[expect(dead_code, reason = "the other rings need more of it")]
mod trainer;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use trainer::{detector, spec, work};
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Device, Task};

/// Says so when it is loaded; else it is nothing.
const HALF: &str = r#"
    #include <cstdio>
    namespace { struct Said { Said() { std::fputs("the other half is here\n", stderr); } } said; }
"#;

/// What a trainer says with such a file where the loader looks.
fn trained(folder: &Path, device: Device) -> Output {
    pictures::classified(&folder.join("data"), 8);
    let config = TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        epochs: 1,
        image_size: 16,
        device,
        ..detector()
    };
    let mut spec = spec(&folder.join("data"), config);
    let manifest = trainyard_data::read(&spec.images).unwrap().manifest;
    let manifest = manifest.planned(Task::Classify, &[], spec.config.seed).unwrap();
    spec.manifest = folder.join("manifest.jsonl");
    manifest.write(&mut fs::File::create(&spec.manifest).unwrap()).unwrap();
    fs::write(folder.join("spec.json"), serde_json::to_vec(&spec).unwrap()).unwrap();
    Command::new(env!("CARGO_BIN_EXE_trainyard-vision"))
        .args(["train", "--spec"])
        .arg(folder.join("spec.json"))
        .arg("--work")
        .arg(folder.join("work"))
        .env("LD_LIBRARY_PATH", folder)
        .output()
        .unwrap()
}

fn with_half(device: Device, make: impl FnOnce(&Path)) -> Output {
    let folder = work();
    make(&folder.path().join("libtorch_cuda.so"));
    trained(folder.path(), device)
}

fn half(at: &Path) {
    let source = at.with_extension("cpp");
    fs::write(&source, HALF).unwrap();
    let made = Command::new("c++").args(["-shared", "-fPIC", "-o"]).args([at, &source]).status().unwrap();
    assert!(made.success());
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_is_loaded_for_who_may_compute_on_a_gpu() {
    for (device, loads) in [(Device::Auto, true), (Device::Cpu, false)] {
        let output = with_half(device, half);
        assert_eq!(said(&output).contains("the other half is here"), loads, "{}", said(&output));
        assert!(output.status.success());
    }
}

#[test]
fn a_broken_one_is_told_of_and_the_processor_trains() {
    let output = with_half(Device::Auto, |at| fs::write(at, "no library").unwrap());
    assert!(said(&output).contains("cannot be used: "), "{}", said(&output));
    assert!(output.status.success());
}

#[test]
fn without_one_nothing_is_said() {
    let output = with_half(Device::Auto, |_| {});
    assert!(!said(&output).contains("half"), "{}", said(&output));
    assert!(output.status.success());
}
