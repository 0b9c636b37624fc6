"""The trainer that people copy speaks the protocol."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from conftest import FRAMEWORKS, Job

EXAMPLE = FRAMEWORKS / "example" / "trainer.py"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, EXAMPLE, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def test_it_describes_itself():
    described = json.loads(run("describe").stdout)
    fields = {"protocol", "runner", "version", "licence", "resume", "precisions", "devices", "models", "options"}
    assert set(described) == fields and described["protocol"] == 2


def test_it_learns_the_digits_and_its_file_answers_as_it_says(digits, tmp_path: Path):
    job = Job("example", tmp_path, *digits, model="tiny", epochs=6, learning_rate=3e-3)
    ran = run("train", "--spec", job.spec, "--work", job.work)
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["line"] for line in lines] == ["started", *["epoch"] * 6, "artifact", "artifact", "finished"]
    assert lines[-1]["measurements"]["accuracy"] > 0.9
    again = run("export", "--weights", job.work / "weights.safetensors", "--out", tmp_path / "again.onnx")
    assert again.returncode == 0, again.stderr
    session = onnxruntime.InferenceSession(tmp_path / "again.onnx")
    card = json.loads(session.get_modelmeta().custom_metadata_map["trainyard"])
    assert card["output"] == "logits" and len(card["classes"]) == 10
    assert session.run(["logits"], {"images": np.zeros((3, 3, 32, 32), np.float32)})[0].shape == (3, 10)


def test_it_refuses_a_model_that_it_does_not_have(digits, tmp_path: Path):
    ran = run("train", "--spec", Job("example", tmp_path, *digits, model="huge").spec, "--work", tmp_path)
    assert ran.returncode == 64 and json.loads(ran.stdout)["class"] == "config"


def test_it_refuses_an_image_that_is_broken(colours, tmp_path: Path):
    manifest, root = colours
    broken = root / "1-004.png"
    broken.write_bytes(broken.read_bytes()[:400])
    ran = run("train", "--spec", Job("example", tmp_path, manifest, root, model="tiny").spec, "--work", tmp_path)
    assert ran.returncode == 65 and json.loads(ran.stdout)["class"] == "dataset"
