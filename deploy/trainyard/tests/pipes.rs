//! What is printed into a pipe that nobody reads any more ends quietly, as with other programs.

use std::process::{Command, Stdio};

#[test]
fn a_completion_script_that_nobody_reads_to_its_end_is_no_crash() {
    for shell in ["bash", "zsh", "fish"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_trainyard"))
            .args(["completion", shell])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(
            (ended.status.code(), String::from_utf8(ended.stderr).unwrap()),
            (Some(141), String::new())
        );
    }
}

#[test]
fn paths_are_completed_where_paths_are_meant() {
    let output = Command::new(env!("CARGO_BIN_EXE_trainyard")).args(["completion", "zsh"]).output().unwrap();
    let script = String::from_utf8(output.stdout).unwrap();
    for meant in [
        "'--dataset=[A folder that the workers can read]:DATASET:_files'",
        "':name -- The name to keep it under",
    ] {
        let line = script.lines().find(|line| line.contains(meant)).unwrap();
        assert!(line.contains(":_files"), "{line}");
    }
}
