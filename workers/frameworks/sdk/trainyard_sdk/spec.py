"""What a trainer is asked to do: the file behind `--spec`."""

import hashlib
import json
import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from . import limits
from .failure import Failure, config_failure

_WORDS = {
    "task": ("classify", "detect", "segment", "pose", "anomaly"),
    "optimizer": ("sgd", "adam", "adamw"),
    "schedule": ("cosine", "one_cycle", "linear", "constant"),
    "augmentation": ("none", "light", "standard"),
    "resize": ("letterbox", "stretch", "crop"),
    "device": ("cpu", "gpu", "auto"),
}
# Known, and nothing that a trainer trains by.
_OTHERS = {"dataset", "priority", "continues", "runner"}


@dataclass(frozen=True)
class Config:
    """The part of `TrainingConfig` that a trainer trains by."""

    task: str
    model: str
    classes: list[str]
    epochs: int
    image_size: int
    batch_size: int
    learning_rate: float
    optimizer: str
    momentum: float
    weight_decay: float
    schedule: str
    warmup_epochs: float
    label_smoothing: float
    ema: bool
    augmentation: str
    resize: str
    patience: int | None
    seed: int
    device: str
    initial_weights: str | None
    options: dict[str, Any]

    def problems(self) -> list[str]:
        """Every value out of its range."""
        ranges = [
            ("epochs", 1, limits.EPOCHS),
            ("image_size", limits.IMAGE_SIZE_MIN, limits.IMAGE_SIZE_MAX),
            ("batch_size", 1, limits.BATCH_SIZE),
            ("learning_rate", 0, limits.LEARNING_RATE_MAX),
            ("momentum", 0, limits.MOMENTUM_MAX),
            ("weight_decay", 0, limits.WEIGHT_DECAY_MAX),
            ("warmup_epochs", 0, self.epochs),
            ("label_smoothing", 0, limits.LABEL_SMOOTHING_MAX),
        ]
        problems = []
        for name, low, high in ranges:
            value = getattr(self, name)
            fits = math.isfinite(value) and low <= value <= high
            if not fits or (name == "learning_rate" and value == 0):
                problems.append(f"{name} is {value}, and must be from {low} to {high}")
        if self.patience == 0:
            problems.append("patience is 0, and must be at least 1 or null")
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                problems.append(f"{name} is {getattr(self, name)!r}, and must be one of {', '.join(words)}")
        return problems


@dataclass(frozen=True)
class Spec:
    job: str
    config: Config
    # Of the configuration as it was given.
    config_hash: str
    manifest: Path
    images: Path
    dataset_hash: str
    initial_weights: Path | None
    batch_divisor: int
    threads: int
    # That the job was given; 0 where there are none to give.
    devices: int = 0

    @property
    def processes(self) -> int:
        """That train together, each with a device."""
        return max(1, self.devices)


def _is_a(kind: Any, value: object) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _config(given: dict[str, Any]) -> Config:
    kinds = {
        **dict.fromkeys(["classes"], list),
        **dict.fromkeys(["epochs", "image_size", "batch_size", "seed"], int),
        **dict.fromkeys(["learning_rate", "momentum", "weight_decay", "warmup_epochs", "label_smoothing"], float),
        **dict.fromkeys(["patience"], int | None),
        **dict.fromkeys(["initial_weights"], str | None),
        "ema": bool,
        "options": dict,
    }
    given = {"options": {}, "patience": None, "initial_weights": None, "classes": [], **given}
    names = [field.name for field in fields(Config)]
    for name in names:
        kind = kinds.get(name, str)
        if name not in given or not _is_a(kind, given[name]):
            raise config_failure(f"{name} of the configuration is missing or of another type")
    unread = sorted(set(given) - set(names) - _OTHERS)
    if unread:
        raise config_failure(f"the configuration has {', '.join(unread)}, which this trainer does not know", "update it")
    config = Config(**{name: given[name] for name in names})
    problems = config.problems()
    if problems:
        raise config_failure("; ".join(problems))
    return config


def read_spec(path: Path) -> Spec:
    """Reads and checks the file behind `--spec`."""
    try:
        if path.stat().st_size > limits.SPEC_BYTES:
            raise ValueError("it is too long")
        given = json.loads(path.read_text("utf-8"))
        config = given["config"]
        weights = given.get("initial_weights")
        spec = Spec(
            job=str(given["job"]),
            config=_config(config),
            config_hash=hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest(),
            manifest=Path(given["manifest"]),
            images=Path(given["images"]),
            dataset_hash=str(given["dataset_hash"]),
            initial_weights=Path(weights) if weights else None,
            batch_divisor=max(1, int(given.get("batch_divisor", 1))),
            threads=max(0, int(given.get("threads", 0))),
            devices=max(0, int(given.get("devices", 0))),
        )
    except Failure:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"{type(error).__name__}: {error}"
        raise config_failure(
            f"the specification {path} cannot be read ({said})", "give the file that an agent writes"
        ) from error
    if spec.config.initial_weights and not spec.initial_weights:
        raise config_failure(
            f"the initial weights {spec.config.initial_weights} are not here",
            "give a path that this worker can read, or set initial_weights to scratch",
        )
    return spec
