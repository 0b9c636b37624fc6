"""A runner for the classifiers of a framework, which says how to build one and what is special about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from . import weights
from .attempt import carry_out, open_manifest, split_in_words, start_from
from .card import Card, Preprocessing, settled
from .classify import Classify, check_sizes
from .failure import Failure, config_failure
from .followers import Seat
from .hardware import Hardware
from .interrupt import Interrupt
from .manifest import Manifest
from .onnx_file import write_onnx
from .protocol import Voice
from .spec import Spec
from .squares import Triple
from .training import Network, all_train

Options = dict[str, Any]
# Options that every framework of classifiers has, beside its own.
FREEZE: dict[str, Any] = {
    "about": "train the whole network, or only its head",
    "type": "choice",
    "choices": ["none", "backbone"],
    "default": "none",
}
PRECISION: dict[str, Any] = {"about": "of the arithmetic", "type": "choice", "choices": ["fp32", "bf16"], "default": "fp32"}


class Framework(Protocol):
    name: str
    licence: str
    options: dict[str, dict[str, Any]]

    def build(self, model: str, classes: int, image_size: int, options: Options) -> nn.Module:
        """From a random start, refused when there is none of that name or size."""

    def head(self, model: nn.Module) -> nn.Module:
        """The last layer, whose width is the number of classes."""

    def published_statistics(self, model: nn.Module) -> tuple[Triple, Triple]:
        """Mean and deviation that the framework's own weights were trained with."""

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        """Published tensors with the names and shapes of this model."""

    def to_export(self, model: nn.Module) -> nn.Module:
        """In the form that can be written as ONNX."""

    def rates(self, model: nn.Module, options: Options) -> tuple[dict[str, float], set[str]]:
        """Parts of the learning rate by the parameters' names, and those that do not decay."""


def train(framework: Framework, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
    options = settled(framework.options, spec.config.options)
    manifest = open_manifest(spec, ("classify",))
    hardware = Hardware(spec.config.device, spec.threads, options["precision"], Seat.of(spec.processes))
    check_sizes(spec, manifest)
    lesson = Classify(spec, manifest)
    network = _network(framework, spec, manifest, lesson, options)
    return carry_out(spec, work, resume, voice, interrupt, hardware, network)


def _network(framework: Framework, spec: Spec, manifest: Manifest, lesson: Classify, options: Options) -> Network:
    config = spec.config
    torch.manual_seed(config.seed)
    model = framework.build(config.model, len(manifest.classes), config.image_size, options)
    _check_output(model, config.model, config.image_size, len(manifest.classes))
    (mean, std), notes = lesson.statistics(), {"split": split_in_words(manifest)}
    if spec.initial_weights:
        report, theirs = start_from(model, spec.initial_weights, framework.native)
        notes["initial_weights"] = report
        mean, std = theirs or framework.published_statistics(model)
    scales, spared = framework.rates(model, options)
    frozen = options["freeze"] == "backbone"
    if frozen:
        _freeze(framework, model)
    notes |= {name: str(value) for name, value in options.items()}
    card = Card(
        "classify",
        config.model,
        manifest.classes,
        Preprocessing(config.image_size, config.resize, mean, std, manifest.sample_bits),
        framework.name,
        framework.licence,
    )
    to_train = _head_trains(framework) if frozen else all_train
    return Network(model, card, lesson, notes, scales, spared, to_train, framework.to_export)


def _check_output(model: nn.Module, name: str, side: int, classes: int) -> None:
    """Whether a network can see such squares shows only when it does."""
    try:
        with torch.no_grad():
            logits = model.eval()(torch.zeros(1, 3, side, side))
        shape = tuple(logits.shape)
    except (RuntimeError, AssertionError, ValueError, AttributeError) as error:
        raise config_failure(
            f"{name} cannot see {side} pixels ({error})", "set image_size to what describe says of it"
        ) from error
    if shape != (1, classes):
        raise config_failure(
            f"{name} answers with {list(shape)} and not with one number for each class", "choose another model"
        )


def _freeze(framework: Framework, model: nn.Module) -> None:
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    head = list(framework.head(model).parameters())
    if not head:
        raise config_failure("this model has no head of its own to train", "set freeze to none")
    for parameter in head:
        parameter.requires_grad_(True)


def _head_trains(framework: Framework) -> Callable[[nn.Module], None]:
    """The running statistics of what is frozen stay as they are."""

    def to_train(model: nn.Module) -> None:
        model.eval()
        framework.head(model).train()

    return to_train


def export(framework: Framework, path: Path, out: Path) -> None:
    """The ONNX file of weights that a training has left."""
    card, tensors = weights.load(path)
    if card.runner != framework.name:
        raise config_failure(
            f"the weights are of {card.runner or 'trainyard'}", f"give weights that {framework.name} has left"
        )
    size = card.preprocessing.image_size
    defaults = settled(framework.options, {})
    model = framework.build(card.model, len(card.classes), size, defaults)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise Failure("config", "the weights do not fit the model of their card", "update the runner") from error
    examples = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    write_onnx(out, framework.to_export(model.eval()), card, Classify.output, Classify.outputs, examples)
