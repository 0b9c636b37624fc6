"""What a trained model answers in: held to the gate of the sdk, which measures files as it measures any other's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainyard_sdk.card import Card
from trainyard_sdk.classify import Classify
from trainyard_sdk.detect import Detect
from trainyard_sdk.failure import config_failure
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.lesson import Lesson
from trainyard_sdk.manifest import Manifest
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import FileBoxes, answer_in_int8, is_wanted
from trainyard_sdk.spec import Spec

_TASKS = ("detect", "classify")


@dataclass
class Written:
    """A training that has left `model.onnx`."""

    spec: Spec
    work: Path
    voice: Voice
    hardware: Hardware
    lesson: Lesson


def check(spec: Spec) -> None:
    if is_wanted(spec) and spec.config.task not in _TASKS:
        raise config_failure(f"only what does {' or '.join(_TASKS)} answers in int8", "set answers to fp32")


def in_int8(spec: Spec, work: Path, voice: Voice, hardware: Hardware, manifest: Manifest, card: Card) -> dict[str, Any]:
    """For the report, where it is wanted."""
    if not is_wanted(spec):
        return {}
    lesson: Lesson = Classify(spec, manifest) if card.task == "classify" else Detect(spec, manifest, FileBoxes())
    return answer_in_int8(Written(spec, work, voice, hardware, lesson), card)
