"""What a trained model answers, as the sdk measures it of any other: for the reports, and for the gate of int8."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from trainyard_sdk.card import Card
from trainyard_sdk.classify import Classify
from trainyard_sdk.detect import Detect
from trainyard_sdk.evaluate import evaluate
from trainyard_sdk.failure import config_failure
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.lesson import Evaluation, Lesson
from trainyard_sdk.manifest import Manifest
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import FileBoxes, is_wanted
from trainyard_sdk.reports import SPLITS, accounts_of, in_report, write_accounts
from trainyard_sdk.spec import Spec

_TASKS = ("detect", "classify")
# Below this a probability has no logarithm that is of use.
LEAST = 1e-12


@dataclass
class Written:
    """A training that has left `model.onnx`."""

    spec: Spec
    work: Path
    voice: Voice
    hardware: Hardware
    lesson: Lesson

    def tell(self, network: Any, card: Card) -> dict[str, Any]:
        """Writes what lies beside the report, and returns what it says of classes."""
        every_place(network)
        evaluations = self._evaluations(Answers(network.model.float(), card.task), card)
        accounts = accounts_of(self.lesson, evaluations)
        write_accounts(self, accounts, self.lesson.page(evaluations["validation"], "validation"))
        return in_report(accounts)

    def _evaluations(self, answers: nn.Module, card: Card) -> dict[str, Evaluation]:
        """By split."""
        found = {}
        answers.to(self.hardware.device)
        for split in (split for split in SPLITS if self.lesson.count(split)):
            one = evaluate(self.lesson, self.spec, card.preprocessing, self.hardware, answers, split, None)
            assert one is not None, "nothing interrupts this"
            found[split] = one
        return found


class Answers(nn.Module):
    """A network with the outputs of its ONNX file."""

    def __init__(self, model: nn.Module, task: str):
        super().__init__()
        self._model, self._task = model, task

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        answer = self._model(images)
        first = answer if isinstance(answer, Tensor) else answer[0]
        if self._task == "classify":
            return first.clamp(min=LEAST).log()
        places = first.transpose(1, 2)
        middle, halves = places[..., :2], places[..., 2:4] / 2
        return torch.cat([middle - halves, middle + halves], -1), places[..., 4:]


def check(spec: Spec) -> None:
    if is_wanted(spec) and spec.config.task not in _TASKS:
        raise config_failure(f"only what does {' or '.join(_TASKS)} answers in int8", "set answers to fp32")


def lesson_of(spec: Spec, manifest: Manifest) -> Lesson | None:
    """`None` for what the sdk does not measure. Before hours are spent: it refuses data that nothing is learned from."""
    if spec.config.task not in _TASKS:
        return None
    return Classify(spec, manifest) if spec.config.task == "classify" else Detect(spec, manifest, FileBoxes())


def every_place(network: Any) -> None:
    """The framework would answer with a list of what is left by itself."""
    head = network.model.model[-1]
    if getattr(head, "end2end", False):
        head.end2end = False
