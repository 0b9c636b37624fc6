"""One attempt at a job, from what a framework brings to its last line."""

import sys
from collections.abc import Callable
from pathlib import Path

from torch import Tensor, nn

from . import quantized, weights
from .card import read_card
from .failure import config_failure, dataset_failure
from .finish import finish, try_onnx
from .group import gathered
from .hardware import Hardware
from .interrupt import Interrupt
from .manifest import Manifest, read_manifest
from .protocol import Voice
from .spec import Spec
from .squares import Triple
from .training import Network, Training


def open_manifest(spec: Spec, tasks: tuple[str, ...]) -> Manifest:
    task = spec.config.task
    if task not in tasks:
        raise config_failure(f"this runner does not {task}", f"set the task to {' or '.join(tasks)}")
    manifest = read_manifest(spec.manifest)
    if task not in manifest.kinds:
        kinds = ", ".join(manifest.kinds) or "no task"
        raise dataset_failure(f"the labels of the dataset serve {kinds}, not {task}", "choose another task or dataset")
    return manifest


def split_in_words(manifest: Manifest) -> str:
    return "80/20, by content and seed" if manifest.divided else "the dataset's own"


Native = Callable[[dict[str, Tensor], nn.Module], dict[str, Tensor]]
"""Published tensors with the names and shapes of a model."""


def start_from(model: nn.Module, path: Path, native: Native) -> tuple[str, tuple[Triple, Triple] | None]:
    """What was loaded, and what the training of the file did to pixels where it says so."""
    tensors, told = weights.read_tensors(path)
    report = weights.start_from(model, tensors if told else native(tensors, model))
    print(f"initial weights: {report}", file=sys.stderr)
    for name in report.reshaped + report.missing:
        print(f"  starts fresh: {name}", file=sys.stderr)
    if not told:
        return str(report), None
    preprocessing = read_card(told).preprocessing
    return str(report), (preprocessing.mean, preprocessing.std)


def carry_out(
    spec: Spec,
    work: Path,
    resume: Path | None,
    voice: Voice,
    interrupt: Interrupt,
    hardware: Hardware,
    network: Network,
) -> bool:
    """False when SIGTERM came and a checkpoint is written."""
    quantized.check(spec, network.lesson)
    with gathered(hardware.seat, hardware.device, voice) as group:
        training = Training(spec, work, voice, interrupt, hardware, network, group)
        if resume:
            training.resume(resume)
        elif group.seat.leads:
            try_onnx(training)
        training.agree()
        if not group.seat.leads:
            return training.follow()
        training.announce(network.card.classes)
        if not training.run():
            return False
    interrupt.leave_at_once()
    finish(training)
    return True
