"""A runner for the networks of a framework that find things within an image: detectors and segmenters."""

from pathlib import Path
from typing import Any, Literal, Protocol, cast

import torch
from torch import Tensor, nn

from . import weights
from .attempt import carry_out, open_manifest, split_in_words, start_from
from .card import Card, Preprocessing
from .detect import Detect, Detector
from .failure import Failure, config_failure
from .followers import Seat
from .hardware import Hardware
from .interrupt import Interrupt
from .manifest import Manifest
from .masks import Masks
from .onnx_file import write_onnx
from .poses import Poses
from .protocol import Voice
from .segment import Segment, Segmenter
from .spec import Spec
from .squares import Triple
from .training import Network

Lens = Detector | Segmenter
"""What a framework says of the outputs of a network."""


_OF_OBJECTS: dict[str, type[Detect]] = {"detect": Detect, "segment": Masks, "pose": Poses}


class Framework(Protocol):
    name: str
    licence: str

    def build(self, model: str, task: str, classes: int, image_size: int) -> tuple[nn.Module, Lens]:
        """From a random start, refused when there is none of that name, task or size."""

    def statistics(self, task: str, model: str) -> tuple[Triple, Triple]:
        """Mean and deviation of pixels that the framework's networks are made for."""

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        """Published tensors with the names of this model."""


class Posing(Framework, Protocol):
    """One that has poses, too."""

    def build_pose(self, model: str, classes: int, points: int, image_size: int) -> tuple[nn.Module, Detector]:
        """As `build`, with so many key points for each object."""


def train(
    framework: Framework,
    tasks: tuple[str, ...],
    spec: Spec,
    work: Path,
    resume: Path | None,
    voice: Voice,
    interrupt: Interrupt,
    options: dict[str, Any],
    segments: Literal["pixels", "objects"] = "pixels",
) -> bool:
    """`segments`: whether a model of the task `segment` says of each pixel what it is, or outlines each object."""
    config = spec.config
    manifest = open_manifest(spec, tasks)
    hardware = Hardware(config.device, spec.threads, options.get("precision", "fp32"), Seat.of(spec.processes))
    torch.manual_seed(config.seed)
    # One of pixels may have one class more.
    of_pixels = Segment(spec, manifest) if config.task == "segment" and segments == "pixels" else None
    classes = of_pixels.classes if of_pixels else manifest.classes
    points = manifest.keypoints if config.task == "pose" else None
    model, lens = _built(framework, config.model, config.task, len(classes), points, config.image_size)
    lesson = of_pixels.through(cast(Segmenter, lens)) if of_pixels else _of_objects(spec, manifest, cast(Detector, lens))
    notes = {"split": split_in_words(manifest), **{name: str(value) for name, value in options.items()}}
    mean, std = framework.statistics(config.task, config.model)
    if spec.initial_weights:
        notes["initial_weights"], theirs = start_from(model, spec.initial_weights, framework.native)
        mean, std = theirs or (mean, std)
    preprocessing = Preprocessing(config.image_size, config.resize, mean, std, manifest.sample_bits)
    card = Card(config.task, config.model, classes, preprocessing, framework.name, framework.licence, keypoints=points)
    network = Network(model, card, lesson, notes)
    return carry_out(spec, work, resume, voice, interrupt, hardware, network)


def _of_objects(spec: Spec, manifest: Manifest, lens: Detector) -> Detect:
    return _OF_OBJECTS[spec.config.task](spec, manifest, lens)


def _built(
    framework: Framework, model: str, task: str, classes: int, points: list[str] | None, size: int
) -> tuple[nn.Module, Lens]:
    if task == "pose":
        return cast(Posing, framework).build_pose(model, classes, len(points or []), size)
    return framework.build(model, task, classes, size)


def export(framework: Framework, path: Path, out: Path) -> None:
    """The ONNX file of weights that a training has left."""
    card, tensors = weights.load(path)
    if card.runner != framework.name:
        raise config_failure(
            f"the weights are of {card.runner or 'trainyard'}", f"give weights that {framework.name} has left"
        )
    size = card.preprocessing.image_size
    model, lens = _built(framework, card.model, card.task, len(card.classes), card.keypoints, size)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise Failure("config", "the weights do not fit the model of their card", "update the runner") from error
    examples = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    write_onnx(out, lens.for_onnx(model.eval(), size), card, lens.output, lens.outputs, examples)
