"""Datasets and trainers as the platform would give and start them."""

import hashlib
import json
import math
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
FRAMEWORKS = HERE.parent
sys.path.insert(0, str(FRAMEWORKS / "sdk"))
for runner in FRAMEWORKS.glob("*/runner.toml"):
    sys.path.insert(0, str(runner.parent))

# No trainer of these tests is slower than this, in seconds.
DEADLINE_S = 600
DATASET_HASH = "d" * 64


def environment_of(runner: str) -> Path:
    """Where `install.py` has put a runner: beside the environment that these tests run in."""
    folder = Path(os.environ.get("TRAINYARD_RUNNERS", Path(sys.prefix).parent))
    if not (folder / runner / "bin" / "python").exists():
        pytest.skip(f"{runner} is not installed in {folder}")
    return folder / runner


def write_dataset(folder: Path, root: Path, header: dict[str, Any], images: list[dict[str, Any]]) -> Path:
    """The manifest of files below `root`, sorted by name."""
    for image in images:
        data = (root / image["name"]).read_bytes()
        width, height = Image.open(root / image["name"]).size
        image |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "width": width, "height": height}
    images.sort(key=lambda image: image["name"])
    lines = [{"form": 1, **header}, *images]
    path = folder / "manifest.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def with_test(data: tuple[Path, Path], every: int = 2) -> tuple[Path, Path]:
    """The same dataset, in which each so many-th of the validation images is of the test split."""
    manifest, root = data
    header, *images = map(json.loads, manifest.read_text().splitlines())
    for image in [image for image in images if image["split"] == "validation"][::every]:
        image["split"] = "test"
    path = manifest.with_name(f"{manifest.stem}-{every}.jsonl")
    path.write_text("".join(json.dumps(line) + "\n" for line in (header, *images)))
    return path, root


class Job:
    """One specification, and attempts at it."""

    def __init__(self, runner: str, folder: Path, manifest: Path, images: Path, **config: Any):
        self.runner, self.folder = runner, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.work = folder / "work"
        outside = {name: config.pop(name) for name in ("weights", "batch_divisor", "threads", "devices") if name in config}
        self.config = {**CONFIG, **config}
        spec = {
            "job": "00000000-0000-0000-0000-000000000000",
            "config": self.config,
            "manifest": str(manifest),
            "images": str(images),
            "dataset_hash": DATASET_HASH,
            "initial_weights": str(outside["weights"]) if "weights" in outside else None,
            "batch_divisor": outside.get("batch_divisor", 1),
            "threads": outside.get("threads", 1),
            **({"devices": outside["devices"]} if "devices" in outside else {}),
        }
        self.spec = folder / "spec.json"
        self.spec.write_text(json.dumps(spec))
        # What Python runs: the runner, or a file.
        self.program: list[Any] = ["-m", f"trainyard_{runner}"]
        self.lines: list[dict[str, Any]] = []
        self.console = ""

    def start(self, resume: Path | None = None) -> subprocess.Popen[str]:
        """From the sources here, in the environment of the runner."""
        paths = [FRAMEWORKS / "sdk", FRAMEWORKS / self.runner]
        command = [environment_of(self.runner) / "bin" / "python", *self.program, "train"]
        command += ["--spec", self.spec, "--work", self.work, *(["--resume", resume] if resume else [])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        self.errors = (self.folder / "console.log").open("a+")
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=environment, cwd=self.folder
        )

    def run(self, resume: Path | None = None, at: Callable[[dict[str, Any]], int | None] = lambda line: None) -> int:
        """Until it ends; `at` may answer a line with a signal. Returns the exit code."""
        process = self.start(resume)
        self.lines = []
        for text in process.stdout:
            line = json.loads(text, parse_constant=not_finite)
            self.lines.append(line)
            if sent := at(line):
                process.send_signal(sent)
        code = process.wait(DEADLINE_S)
        self.errors.seek(0)
        self.console = self.errors.read()
        return code

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["line"] == kind]

    def artifacts(self) -> dict[str, Path]:
        return {line["role"]: Path(line["path"]) for line in self.of("artifact")}

    def newest_checkpoint(self) -> Path | None:
        """What the platform would have: a whole file, below a folder of its own."""
        found = sorted((self.work / "checkpoints").glob("*.safetensors"))
        return self.work / "checkpoints" if found else None


def not_finite(text: str) -> float:
    raise AssertionError(f"{text} stands in a protocol line")


CONFIG = {
    "task": "classify",
    "model": "",
    "dataset": "digits",
    "classes": [],
    "epochs": 3,
    "image_size": 32,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "optimizer": "adamw",
    "momentum": 0.9,
    "weight_decay": 0.05,
    "schedule": "cosine",
    "warmup_epochs": 1.0,
    "label_smoothing": 0.1,
    "ema": True,
    "augmentation": "light",
    "resize": "stretch",
    "patience": None,
    "seed": 1,
    "device": "cpu",
    "priority": "normal",
    "initial_weights": None,
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: minutes of training until a detector has learned from nothing")


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """1,797 handwritten digits of 8 x 8 pixels; 296 of them validate."""
    data = Path(os.environ.get("TRAINYARD_DATA", FRAMEWORKS.parents[1] / ".tools" / "data"))
    root = data / "digits"
    if not root.is_dir():
        pytest.skip(f"the digits are not in {root}: make data")
    images = []
    for path in root.rglob("*.png"):
        split, label, _ = path.relative_to(root).parts
        name = path.relative_to(root).as_posix()
        images.append(
            {"name": name, "split": "train" if split == "train" else "validation", "labels": [{"class": int(label)}]}
        )
    header = {"classes": [str(digit) for digit in range(10)], "kinds": ["classify"]}
    return write_dataset(tmp_path_factory.mktemp("digits"), root, header, images), root


def few_colours(folder: Path, classes: int = 3, each: int = 12) -> tuple[Path, Path]:
    """Small images of one colour with noise: of each class `each`, a third of which validates."""
    root = folder / "images"
    root.mkdir(parents=True)
    draw = random.Random(7)
    images = []
    for label in range(classes):
        for index in range(each):
            base = [220 if channel == label % 3 else 40 for channel in range(3)]
            image = Image.new("RGB", (20 + index, 24))
            image.putdata([tuple(value + draw.randrange(30) for value in base) for _ in range(image.width * image.height)])
            name = f"{label}-{index:03}.png"
            image.save(root / name)
            split = "validation" if index % 3 == 0 else "train"
            images.append({"name": name, "split": split, "labels": [{"class": label}]})
    header = {"classes": [f"colour {label}" for label in range(classes)], "kinds": ["classify"]}
    return write_dataset(folder, root, header, images), root


@pytest.fixture
def colours(tmp_path: Path) -> tuple[Path, Path]:
    return few_colours(tmp_path / "colours")


SHAPES = ["square", "disc"]
DETECT = {"task": "detect", "image_size": 128, "batch_size": 8, "resize": "letterbox", "label_smoothing": 0.0,
          "learning_rate": 2e-3, "weight_decay": 1e-4}  # fmt: skip


def outline(shape: int, x: int, y: int, side: int) -> list[float]:
    if shape == 0:
        return [float(at) for at in (x, y, x + side, y, x + side, y + side, x, y + side)]
    half, turns = side / 2, [turn * math.pi / 8 for turn in range(16)]
    return [at for turn in turns for at in (x + half + half * math.cos(turn), y + half + half * math.sin(turn))]


@pytest.fixture(scope="session")
def shapes(tmp_path_factory) -> tuple[Path, Path]:
    """Red squares and blue discs on noise, 60 images of which 12 validate; with boxes, outlines and two points each."""
    folder = tmp_path_factory.mktemp("shapes")
    root = folder / "images"
    root.mkdir()
    draw, noise, images = random.Random(3), np.random.default_rng(3), []
    for index in range(60):
        width, height = draw.choice([(128, 96), (96, 128), (128, 128)])
        picture = Image.fromarray((90 + noise.integers(0, 40, (height, width, 3))).astype(np.uint8))
        pen, labels = ImageDraw.Draw(picture), []
        for half in range(2):
            side, shape = draw.randint(24, 40), draw.randint(0, 1)
            x, y = half * width // 2 + draw.randint(0, width // 2 - side), draw.randint(0, height - side)
            pen.polygon(outline(shape, x, y, side), fill=[(230, 60, 40), (40, 60, 230)][shape])
            points = [[x + side / 4, y + side / 2, 2], [x + 3 * side / 4, y + side / 2, 2]]
            label = {"class": shape, "box": [x, y, side, side], "polygon": [outline(shape, x, y, side)], "keypoints": points}
            labels.append(label)
        picture.save(root / f"{index:03}.png")
        split = "validation" if index % 5 == 0 else "train"
        images.append({"name": f"{index:03}.png", "split": split, "labels": labels})
    header = {"classes": SHAPES, "keypoints": ["left", "right"], "kinds": ["detect", "segment", "pose"]}
    return write_dataset(folder, root, header, images), root


TERM = signal.SIGTERM
