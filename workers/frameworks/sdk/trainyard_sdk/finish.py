"""What remains of a training: the best weights, measured once more from their file, the ONNX file, and the reports."""

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from . import weights
from .checkpoint import Progress
from .failure import Failure, config_failure
from .hardware import Hardware
from .interrupt import Interrupt
from .lesson import Evaluation, Lesson, normalise
from .onnx_file import write_onnx
from .protocol import Voice
from .quantized import answer_in_int8, is_wanted
from .reports import SPLITS, accounts_of, as_json, in_report, write, write_accounts
from .spec import Spec
from .training import Network

# Images on which ONNX Runtime must give torch's answers.
_EXAMPLES = 3


class Trained(Protocol):
    """A training that is done, whatever it went through."""

    spec: Spec
    work: Path
    voice: Voice
    hardware: Hardware
    network: Network
    lesson: Lesson
    model: nn.Module
    progress: Progress
    best: dict[str, Tensor]

    def evaluate(self, model: nn.Module, split: str, interrupt: Interrupt | None) -> Evaluation | None: ...

    def stopped_early(self) -> str | None: ...


def finish(training: Trained) -> None:
    """Writes the artifacts and says `finished`."""
    progress, voice, work = training.progress, training.voice, training.work
    if progress.best_epoch is None:
        raise Failure("internal", "no epoch has run", "start the training again")
    path = work / "weights.safetensors"
    weights.save(path, training.network.card, training.best)
    # What will be served is what is measured: the file, not the tensors in memory.
    _, tensors = weights.load(path)
    training.model.load_state_dict(tensors)
    measurements = dict(progress.best)
    evaluations = {split: _measured(training, split) for split in SPLITS if training.lesson.count(split)}
    if test := evaluations.get("test"):
        measurements |= {f"test_{name}": value for name, value in test.measurements.items()}
    voice.artifact("weights", path)
    difference = _write_onnx(training, training.model, work / "model.onnx")
    print(f"model.onnx answers as torch does, up to {difference:.1e}", file=sys.stderr)
    in_int8 = answer_in_int8(training, training.network.card) if is_wanted(training.spec) else None
    voice.artifact("onnx", work / "model.onnx")
    accounts = accounts_of(training.lesson, evaluations)
    report = _report(training, measurements) | in_report(accounts) | (in_int8 or {})
    write(training, "report", "report.json", as_json(report))
    write_accounts(training, accounts, training.lesson.page(evaluations["validation"], "validation"))
    best = f"epoch {progress.best_epoch} with validation {training.lesson.primary}"
    print(f"best is {best} {progress.best[training.lesson.primary]:.4f}", file=sys.stderr)
    voice.say(
        "finished",
        best_epoch=progress.best_epoch,
        measurements=measurements,
        classes=training.network.card.classes,
        weights=path,
        stopped_early=training.stopped_early(),
    )


def _measured(training: Trained, split: str) -> Evaluation:
    evaluation = training.evaluate(training.model, split, None)
    assert evaluation is not None, "nothing interrupts this"
    return evaluation


def try_onnx(training: Trained) -> None:
    """A model that cannot be served is refused before hours are spent on it."""
    path = training.work / "trial.onnx"
    try:
        _write_onnx(training, deepcopy(training.model), path)
    except Failure as failure:
        raise config_failure(failure.message, failure.next_step) from failure
    path.unlink()


def _write_onnx(training: Trained, model: nn.Module, path: Path) -> float:
    lesson, network = training.lesson, training.network
    count = min(lesson.count("validation"), _EXAMPLES)
    lot = lesson.lot("validation", list(range(count)), None)
    examples = normalise(lot.pixels, network.card.preprocessing, torch.device("cpu")).contiguous()
    view = lesson.for_onnx(network.to_export(model.cpu().eval()))
    return write_onnx(path, view, network.card, lesson.output, lesson.outputs, examples)


def _report(training: Trained, measurements: dict[str, float]) -> dict[str, Any]:
    card = training.network.card
    return {
        "job": training.spec.job,
        "model": card.model,
        "task": card.task,
        "runner": card.runner,
        "device": training.hardware.name,
        "dataset_hash": training.spec.dataset_hash,
        "preprocessing": card.preprocessing.json(),
        "best_epoch": training.progress.best_epoch,
        "stopped_early": training.stopped_early(),
        "primary": training.lesson.primary,
        "measurements": measurements,
        "history": training.progress.history,
    }
