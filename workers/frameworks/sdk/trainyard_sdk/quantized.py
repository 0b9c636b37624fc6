"""The ONNX file in whole numbers, kept only where validation loses little by it."""

import sys
from collections.abc import Iterator
from copy import copy
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from .card import KEY, Card, Quantized
from .detect import Detect, Seen
from .evaluate import evaluate
from .failure import config_failure
from .files import write_whole
from .hardware import Hardware
from .lesson import Evaluation, Lesson, normalise
from .limits import INT8_IMAGES, INT8_LOSS_MAX
from .protocol import Voice
from .scenes import Boxes
from .segment import Segment
from .spec import Spec
from .surest import surest

FP32, INT8 = "fp32", "int8"
# An option of every runner whose models can be written so.
ANSWERS: dict[str, Any] = {
    "about": f"what the trained model answers in: int8 is kept where validation loses at most {INT8_LOSS_MAX} by it",
    "type": "choice",
    "choices": [FP32, INT8],
    "default": FP32,
}
# Queries attend to each other: what is left of that in 8 bits is not asked. Of masks and poses neither is.
_OUTPUTS = ("logits", "pixels", "boxes")
# What has weights; what comes after the last of them stays in floats, as boxes and scores would share a range.
_LAYERS = ("Conv", "Gemm", "MatMul")
# What leaves shares as they are.
_MOVES = ("Transpose", "Reshape", "Slice", "Split", "Squeeze", "Unsqueeze", "Flatten")


class Trained(Protocol):
    spec: Spec
    work: Path
    voice: Voice
    hardware: Hardware
    lesson: Lesson


def is_wanted(spec: Spec) -> bool:
    return spec.config.options.get("answers", FP32) == INT8


def check(spec: Spec, lesson: Lesson) -> None:
    """Before hours are spent on it."""
    if is_wanted(spec) and lesson.output not in _OUTPUTS:
        said = f"what answers with {lesson.output} does not answer in int8, as {', '.join(_OUTPUTS)} do"
        raise config_failure(said, "set answers to fp32")


def answer_in_int8(training: Trained, card: Card) -> dict[str, Any]:
    """Where int8 is good enough it takes the place of `model.onnx`, which stays beside it. For the report."""
    model, whole = training.work / "model.onnx", training.work / "model-fp32.onnx"
    model.replace(whole)
    told = write_quantized(training, card, whole, model)
    if model.exists():
        training.voice.artifact("onnx_fp32", whole)
    else:
        whole.replace(model)
    return {"int8": in_report(told)}


def write_quantized(training: Trained, card: Card, whole: Path, path: Path) -> Quantized:
    """Writes what `whole` says in int8 into `path`, but where validation loses too much by it."""
    candidate = path.with_suffix(".trial.onnx")
    _quantize(training, card, whole, candidate)
    before, after = (_measured(training, card, file) for file in (whole, candidate))
    primary = training.lesson.primary
    told = Quantized(INT8, primary, before.measurements[primary], after.measurements[primary], INT8_LOSS_MAX)
    is_kept = told.before - told.after <= told.loss_max
    words = f"in int8, validation {primary} is {told.after:.4f} instead of {told.before:.4f}"
    print(f"{words}: {'kept' if is_kept else 'not kept, the model answers in fp32'}", file=sys.stderr)
    if is_kept:
        card.quantized = told
        write_whole(path, lambda partial: _with_card(candidate, card, training.lesson.output, partial))
    candidate.unlink()
    return told


def _quantize(training: Trained, card: Card, whole: Path, path: Path) -> None:
    """Weights channel by channel, activations by the range that training images show.

    ONNX Runtime keeps whole networks in whole numbers where activations have no sign. Weights have 7 bits: two products of
    theirs fit 16 bits, so that a processor without VNNI answers as the one here that was measured.
    """
    prepared = path.with_suffix(".shapes.onnx")
    quant_pre_process(whole, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        path,
        _Shown(training, card),
        nodes_to_exclude=_in_floats(prepared),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    prepared.unlink()


def _in_floats(path: Path) -> list[str]:
    """Nodes that lose too much in 8 bits: shares, what weighs by them, and what comes after the last layer besides.

    Those without a name are given one.
    """
    proto = onnx.load(path)
    for index, node in enumerate(proto.graph.node):
        node.name = node.name or f"node {index}"
    onnx.save(proto, path)
    shares: set[str] = set()
    weighs = []
    for node in proto.graph.node:
        is_of_shares = bool(shares.intersection(node.input))
        if node.op_type == "Softmax" or (is_of_shares and node.op_type in _MOVES):
            shares.update(node.output)
        if node.op_type == "Softmax" or (is_of_shares and node.op_type in _LAYERS):
            weighs.append(node.name)
    wanted: set[str] = set()
    after = []
    for node in reversed(proto.graph.node):
        is_layer = node.op_type in _LAYERS and node.name not in weighs
        if is_layer or wanted.intersection(node.output):
            wanted.update(node.input)
        else:
            after.append(node.name)
    return weighs + after


class _Shown(CalibrationDataReader):
    """Training images one by one, evenly drawn."""

    def __init__(self, training: Trained, card: Card):
        self._images = self._each(training.lesson, card)

    @staticmethod
    def _each(lesson: Lesson, card: Card) -> Iterator[dict[str, np.ndarray]]:
        images = lesson.count("train")
        shown = min(images, INT8_IMAGES)
        for index in range(shown):
            lot = lesson.lot("train", [index * images // shown], None)
            yield {"images": normalise(lot.pixels, card.preprocessing, torch.device("cpu")).contiguous().numpy()}

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._images, None)


class _File(nn.Module):
    """What ONNX Runtime answers, as a model."""

    def __init__(self, path: Path, outputs: list[str]):
        super().__init__()
        self._session, self._outputs = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]), outputs

    def forward(self, pixels: Tensor) -> Any:
        answers = self._session.run(self._outputs, {"images": pixels.cpu().contiguous().numpy()})
        tensors = [torch.from_numpy(answer).to(pixels.device) for answer in answers]
        return tensors[0] if len(tensors) == 1 else tensors


class _Cells:
    """A file has no layers to ask: it is asked as a whole."""

    output = "pixels"
    outputs = ["logits"]

    def logits(self, model: nn.Module, pixels: Tensor) -> Tensor:
        found: Tensor = model(pixels)
        return found

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return model


class FileBoxes:
    """Likewise of a detector; a file does not learn."""

    output = "boxes"
    outputs = ["boxes", "scores"]
    losses: tuple[str, ...] = ()

    def learn(self, model: nn.Module, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        return []

    def see(self, model: nn.Module, pixels: Tensor) -> list[Seen]:
        return [surest(*one) for one in zip(*model(pixels), strict=True)]

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return model


def _measured(training: Trained, card: Card, path: Path) -> Evaluation:
    lesson = training.lesson
    if isinstance(lesson, Segment):
        lesson = copy(lesson).through(_Cells())
    if isinstance(lesson, Detect):
        lesson = copy(lesson).through(FileBoxes())
    file = _File(path, lesson.outputs)
    found = evaluate(lesson, training.spec, card.preprocessing, training.hardware, file, "validation", None)
    assert found is not None, "nothing interrupts this"
    return found


def _with_card(source: Path, card: Card, output: str, path: Path) -> None:
    proto = onnx.load(source)
    del proto.metadata_props[:]
    proto.metadata_props.add(key=KEY, value=card.json(output))
    onnx.save(proto, path)


def in_report(told: Quantized) -> dict[str, Any]:
    return {**asdict(told), "is_kept": told.before - told.after <= told.loss_max}
