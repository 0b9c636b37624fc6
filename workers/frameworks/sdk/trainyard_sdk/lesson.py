"""The seam between the tasks: what a training makes small, measures and goes by. The rest of it is the same for all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from .card import Preprocessing
from .protocol import Measurements


@dataclass
class Lot:
    """`pixels` are bytes `[N, S, S, 3]`; `truth` has one entry for each image."""

    pixels: np.ndarray
    truth: list[Any]

    def __len__(self) -> int:
        return len(self.truth)


@dataclass
class Learnt:
    """`loss` is the mean over the images of a part; `sums` are what the lesson measures, summed over them."""

    loss: Tensor
    sums: list[Tensor]


@dataclass
class Account:
    """What one task has to tell of a split at the end: of each class, the confusion matrix, and single images."""

    classes: list[dict[str, Any]]
    rows: list[str]
    counts: list[list[int]]
    # Those on the page of the split first, in its order.
    samples: list[dict[str, Any]] = field(default_factory=list)
    # Precision over recall.
    curves: dict[str, Any] | None = None


@dataclass
class Evaluation:
    """One pass over a split, with `loss` and the lesson's primary measurement; `answers` are for `account`."""

    measurements: Measurements
    answers: Any


class Lesson(Protocol):
    primary: str
    # What is summed over the training images, the whole loss first.
    measured: tuple[str, ...]
    # Of the ONNX file, as `Output` in `events/src/card.rs`, and the names of its outputs.
    output: str
    outputs: list[str]
    # A bound on the norm of the gradients.
    gradient_norm: float | None

    def count(self, split: str) -> int: ...

    def lot(self, split: str, indices: list[int], epoch: int | None) -> Lot:
        """`epoch`, from 1, is given for training: its images are changed."""

    def learn(self, model: nn.Module, pixels: Tensor, truth: list[Any]) -> Learnt: ...

    def evaluate(self, see: "See", split: str) -> Evaluation | None:
        """`None` when `see` was interrupted."""

    def account(self, evaluation: Evaluation, split: str) -> Account: ...

    def page(self, evaluation: Evaluation, split: str) -> bytes | None:
        """The first samples of the account, drawn; `None` where the task draws nothing."""

    def for_onnx(self, model: nn.Module) -> nn.Module:
        """The model with `outputs`."""

    def notes(self) -> dict[str, str]: ...


@dataclass
class See:
    """How a model looks at a split: its answers lot by lot, in order."""

    model: nn.Module
    lots: Callable[[str], Any]
    is_interrupted: Callable[[], bool]


def normalise(pixels: np.ndarray, preprocessing: Preprocessing, device: torch.device) -> Tensor:
    """Bytes `[N, S, S, 3]` to floats `[N, 3, S, S]` on the device, laid out channels last."""

    def of_bytes(values: tuple[float, float, float]) -> Tensor:
        return torch.tensor([value * 255 for value in values], dtype=torch.float32, device=device).view(1, 3, 1, 1)

    planes = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2)
    return planes.float().sub_(of_bytes(preprocessing.mean)).div_(of_bytes(preprocessing.std))
