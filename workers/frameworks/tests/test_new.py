"""A trainer that `trainyard runners new` has written is one as it is: tried by the suite, and trained with."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from conftest import DETECT, FRAMEWORKS, Job, environment_of

TASKS = ["classify", "detect", "segment"]


def trainyard(runners: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line, built from these sources; English, whatever the terminal speaks."""
    built = [FRAMEWORKS.parents[1] / "target" / profile / "trainyard" for profile in ("release", "debug")]
    program = os.environ.get("TRAINYARD_BIN") or next((str(path) for path in built if path.exists()), None)
    if program is None:
        pytest.skip("there is no trainyard: cargo build -p trainyard, or TRAINYARD_BIN")
    environment = {**os.environ, "LC_ALL": "C", "TRAINYARD_RUNNERS": str(runners)}
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=600, env=environment)


@pytest.fixture
def runners(tmp_path: Path) -> Path:
    """As `trainyard runners install` leaves them: torchvision's environment below its name."""
    folder = tmp_path / "runners"
    (folder / "torchvision").mkdir(parents=True)
    (folder / "torchvision" / "environment").symlink_to(environment_of("torchvision"))
    return folder


def made(task: str, folder: Path) -> Path:
    """Its folder, filled as the command line fills it."""
    folder.mkdir()
    for name, source in [("runner.toml", "manifest.toml"), ("trainer.py", f"{task}.py")]:
        text = (FRAMEWORKS / "new" / source).read_text()
        (folder / name).write_text(text.replace("{{name}}", "mine").replace("{{environment}}", "torchvision"))
    return folder / "trainer.py"


@pytest.mark.parametrize("task", TASKS)
def test_it_passes_the_suite_at_once(runners: Path, tmp_path: Path, task: str):
    written = trainyard(runners, "runners", "new", tmp_path / "mine", "--task", task)
    assert written.returncode == 0, written.stderr
    checked = trainyard(runners, "--json", "runners", "check", tmp_path / "mine")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tried = json.loads(checked.stdout)["tried"]
    assert len(tried) == 7 and all(one["problem"] is None for one in tried), tried
    added = trainyard(runners, "runners", "add", tmp_path / "mine")
    assert added.returncode == 0 and (runners / "mine" / "runner.json").exists(), added.stderr


# What is special, the measurement and how much of it, and the shapes of the answers to two images.
TRAININGS = {
    "classify": ({"model": "small", "epochs": 6}, ("accuracy", 0.85), {"logits": (2, 10)}),
    "detect": ({**DETECT, "model": "small", "epochs": 40}, ("ap50", 0.5), {"boxes": (2, 256, 4), "scores": (2, 256, 2)}),
    "segment": (
        {**DETECT, "task": "segment", "model": "small", "epochs": 20},
        ("mean_iou", 0.6),
        {"logits": (2, 3, 32, 32)},
    ),
}


@pytest.mark.parametrize("task", TASKS)
def test_it_learns(request: pytest.FixtureRequest, tmp_path: Path, task: str):
    changes, (measured, least), shapes = TRAININGS[task]
    program = made(task, tmp_path / "mine")
    dataset = request.getfixturevalue("digits" if task == "classify" else "shapes")
    job = Job("torchvision", tmp_path / "job", *dataset, **changes)
    job.program = [program]
    assert job.run() == 0, job.console
    finished = job.of("finished")[0]
    assert finished["measurements"][measured] >= least, finished
    session = onnxruntime.InferenceSession(job.artifacts()["onnx"])
    side, names = job.config["image_size"], list(shapes)
    answers = session.run(names, {"images": np.zeros((2, 3, side, side), np.float32)})
    assert [one.shape for one in answers] == list(shapes.values())


def test_it_speaks_for_itself_in_the_environment_of_another(tmp_path: Path):
    program = made("classify", tmp_path / "mine")
    python = environment_of("torchvision") / "bin" / "python"
    paths = {**os.environ, "PYTHONPATH": str(FRAMEWORKS / "sdk")}
    told = subprocess.run([python, program, "describe"], capture_output=True, text=True, env=paths, check=True)
    described = json.loads(told.stdout)
    assert described["runner"] == "mine" and [model["id"] for model in described["models"]] == ["small", "large"]


