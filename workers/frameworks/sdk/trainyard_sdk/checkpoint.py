"""The whole state of a training as one safetensors file: what a killed run goes on from, to the last bit.

Everything random is drawn from (seed, epoch, batch) or (seed, epoch, sample), so that a place is all there is to the state of
a generator.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from .failure import Failure, config_failure
from .files import PARTIAL, sha256_of, write_whole
from .limits import CHECKPOINTS_KEPT
from .tensor_file import write_tensors

_KEY = "trainyard_checkpoint"
_FOLDER = "checkpoints"


@dataclass
class Progress:
    """Where a training stands."""

    config_hash: str
    dataset_hash: str
    # Optimizer steps done.
    step: int = 0
    # Whole epochs done, validation included.
    epoch: int = 0
    # Batches done of the epoch after those, what is measured over their images, and time spent on them.
    batch: int = 0
    sums: list[float] = field(default_factory=list)
    images: int = 0
    seconds: float = 0.0
    best_epoch: int | None = None
    best: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


def _flat(groups: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
    return {f"{group}/{name}": value for group, tensors in groups.items() for name, value in tensors.items()}


def group(saved: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """The saved tensors of a group by their own names."""
    return {key.removeprefix(f"{name}/"): value for key, value in saved.items() if key.startswith(f"{name}/")}


def save(work: Path, progress: Progress, groups: dict[str, dict[str, Tensor]]) -> tuple[Path, str]:
    """Returns the path and the SHA-256; removes all but the last `CHECKPOINTS_KEPT`."""
    folder = work / _FOLDER
    path = folder / f"step-{progress.step:010}-{progress.epoch:05}.safetensors"
    metadata = {_KEY: json.dumps(asdict(progress))}
    write_whole(path, lambda partial: write_tensors(partial, _flat(groups), metadata))
    sha256 = sha256_of(path)
    for partial in folder.glob(f"*{PARTIAL}"):
        partial.unlink()
    for old in sorted(folder.glob("*.safetensors"))[:-CHECKPOINTS_KEPT]:
        old.unlink()
    return path, sha256


def _progress(path: Path) -> Progress | None:
    try:
        with safe_open(path, "pt") as file:
            return Progress(**json.loads((file.metadata() or {})[_KEY]))
    except (SafetensorError, OSError, KeyError, ValueError, TypeError):
        return None


def load(source: Path, config_hash: str, dataset_hash: str) -> tuple[Progress, dict[str, Tensor]]:
    """`source` is a checkpoint file, or a folder of which the one that is furthest is taken."""
    candidates = [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]
    found = [(progress, path) for path in candidates if path.suffix != PARTIAL and (progress := _progress(path))]
    if not found:
        raise Failure("internal", f"{source} holds no checkpoint that is whole", "start the training again")
    progress, path = max(found, key=lambda pair: (pair[0].epoch, pair[0].step, pair[0].batch))
    if (progress.config_hash, progress.dataset_hash) != (config_hash, dataset_hash):
        raise config_failure(
            "the checkpoint is of another configuration or dataset", "resume with those that it was written with"
        )
    with safe_open(path, "pt") as file:
        return progress, {name: file.get_tensor(name) for name in file.keys()}


@torch.no_grad()
def restore(saved: dict[str, Tensor], name: str, tensors: dict[str, Tensor]) -> None:
    """Writes the saved values of a group into the tensors of a training; each must be there in its shape."""
    values = group(saved, name)
    for key, tensor in tensors.items():
        if key not in values or values[key].shape != tensor.shape:
            raise Failure("internal", f"the checkpoint lacks {name} {key}", "start the training again")
        tensor.copy_(values[key])
