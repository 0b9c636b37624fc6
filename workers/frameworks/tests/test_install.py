"""Environments that are whole or not there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FRAMEWORKS, environment_of

sys.path.insert(0, str(FRAMEWORKS))
import install

SCRIPT = FRAMEWORKS / "install.py"


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={"PATH": "/usr/bin:/bin", **environment})


def test_every_runner_says_what_it_is_and_has_a_lock_with_hashes():
    known = {"timm", "anomaly", "torchvision", "transformers", "openmmlab", "libreyolo", "ultralytics"}
    assert known <= set(install.runners())
    for name in install.runners():
        told = install.told(name)
        assert told["name"] == name and told["command"] == ["python", "-m", f"trainyard_{name}"]
        assert told["consent"] == told["licence"].startswith("AGPL")
        lock = (FRAMEWORKS / name / "uv.lock").read_text()
        wheels = [line for line in lock.splitlines() if line.strip().startswith("{ url =")]
        assert wheels and all('hash = "sha256:' in line for line in wheels)
        assert 'name = "torch"\nversion = "2.11.0"' in lock and 'name = "nvidia-cublas"' not in lock


def test_an_installed_one_is_whole_and_a_change_is_noticed(tmp_path: Path):
    into = environment_of("timm")
    checked = run("timm", "--into", into, "--check")
    if checked.returncode == 1:
        pytest.skip("the sources have changed since it was installed")
    record = json.loads(checked.stdout)
    assert record["name"] == "timm" and Path(record["command"][0]).exists() and record["megabytes"] > 100
    copy = tmp_path / "timm"
    (copy / "bin").mkdir(parents=True)
    (copy / "bin" / "python").touch()
    for name in ("installed.json", "describe.json"):
        (copy / name).write_bytes((into / name).read_bytes())
    assert run("timm", "--into", copy, "--check").returncode == 0
    half = json.loads((copy / "installed.json").read_text()) | {"made_from": "0"}
    (copy / "installed.json").write_text(json.dumps(half))
    assert run("timm", "--into", copy, "--check").returncode == 1


@pytest.mark.parametrize("left", ["nothing", "half", "cut"])
def test_one_that_is_half_there_is_not_taken_for_whole(tmp_path: Path, left: str):
    into = tmp_path / "timm"
    if left != "nothing":
        (into / "bin").mkdir(parents=True)
        (into / "bin" / "python").touch()
    if left == "cut":
        (into / "installed.json").write_text('{"name": "ti')
    assert run("timm", "--into", into, "--check").returncode == 1


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mum.txt").write_text("dear")
    ran = run("timm", "--into", tmp_path / "letters", "--cache", tmp_path / "cache", "--offline")
    assert ran.returncode == 2 and "something else" in ran.stderr
    assert (tmp_path / "letters" / "mum.txt").exists()


def test_a_name_that_is_none_and_no_uv_say_what_to_do(tmp_path: Path):
    assert "choose one of" in run("yolo9000", "--into", tmp_path / "x").stderr
    ran = run("timm", "--into", tmp_path / "x", "--cache", tmp_path / "cache", "--offline", HOME=str(tmp_path))
    assert ran.returncode == 2 and "install uv" in ran.stderr and not (tmp_path / "x").exists()
    assert not list(tmp_path.glob(".x.*")), "nothing half made is left"


def test_a_uv_with_another_hash_is_never_run(tmp_path: Path):
    """Wherever it comes from: here a folder plays the index."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / install.UV_WHEEL).write_bytes(b"not the wheel")
    where = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels"), "HOME": str(tmp_path)}
    ran = run("timm", "--into", tmp_path / "x", "--cache", tmp_path / "cache", **where)
    assert ran.returncode == 2 and "install uv by hand" in ran.stderr
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] and not (tmp_path / "x").exists()


def test_what_a_killed_installation_has_left_is_cleared(tmp_path: Path):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    left = tmp_path / f".timm.{dead.stdout.strip()}"
    left.mkdir()
    (left / "torch").write_text("half")
    install._clear(tmp_path / "timm")
    assert not left.exists()
