"""Boxes around objects: the lesson of every detector, whatever framework its network is of."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from torch import Tensor, nn

from . import samples
from .average_precision import RECALLS, Alike, AveragePrecision, Found, Truth, average_precision
from .confusion import Confusion
from .draws import Random
from .failure import config_failure, dataset_failure
from .lesson import Account, Evaluation, Learnt, Lot, See
from .manifest import Image, Label, Manifest
from .matched import faults, matched
from .protocol import Measurements
from .reports import BACKGROUND
from .scenes import Boxes, in_words, to_image, to_square, truths_of, vary
from .spec import Spec
from .square import Pixels
from .squares import Squares

# Images that are told about at the end: those with the most errors, and others evenly spread.
WORST, EVEN = 48, 16
# Answers are told from this confidence on, so that people see what a lower threshold than a predictor's would answer; of one
# image at most so many, the surest first.
_TOLD_SCORE, _TOLD = 0.05, 100
# Gradients are shortened to this norm.
GRADIENT_NORM = 10.0

Seen = tuple[Tensor, ...]
"""Corners `[k, 4]` in pixels of the square, scores `[k]` and classes `[k]` of one image; then what a task has besides."""


class Detector(Protocol):
    """What a framework says of its detectors."""

    # Names of the losses, whose sum comes first as `loss`; what has none does not learn.
    losses: tuple[str, ...]
    output: str
    outputs: list[str]

    def learn(self, model: nn.Module, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        """Each loss of `losses` but the first, as a mean over the images; in any mode of the model."""

    def see(self, model: nn.Module, pixels: Tensor) -> list[Seen]:
        """Every object once, as far as the framework can tell."""

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        """With `outputs`, as `output` in `events/src/card.rs` says."""


@dataclass
class Detected:
    precision: AveragePrecision
    confusion: Confusion
    found: list[list[Found]]
    # Of each image; without it, boxes say which answer is of which object.
    alike: Alike | None


class Detect:
    primary = "ap50_95"
    gradient_norm: float | None = GRADIENT_NORM

    def __init__(self, spec: Spec, manifest: Manifest, detector: Detector):
        config = self._config = spec.config
        self._classes = manifest.classes
        self.through(detector)
        if config.resize != "letterbox":
            raise config_failure("a detector sees whole images", "set resize to letterbox")
        self._squares = {
            split: Squares(spec.images, manifest.of(split), config.image_size, config.resize, spec.processes)
            for split in ("train", "validation", "test")
        }
        self._boxes = _check(self._squares, manifest.classes)

    def through(self, detector: Detector) -> "Detect":
        self._detector = detector
        self.measured = ("loss", *detector.losses)
        self.output, self.outputs = detector.output, detector.outputs
        return self

    def count(self, split: str) -> int:
        return len(self._squares[split])

    def lot(self, split: str, indices: list[int], epoch: int | None) -> Lot:
        squares, config = self._squares[split], self._config
        pixels, truth = [], []
        for index in indices:
            square, boxes = squares.get(index), self.scene(squares.images[index])
            if epoch is not None:
                square, boxes = self.varied(square, boxes, Random([config.seed, epoch, index]))
            pixels.append(square)
            truth.append((index, boxes))
        return Lot(np.stack(pixels), truth)

    # What a task whose objects have more than a box makes of this.

    def scene(self, image: Image) -> Boxes:
        """What is there to learn."""
        return to_square(image, self._config.image_size)

    def varied(self, square: Pixels, boxes: Boxes, random: Random) -> tuple[Pixels, Boxes]:
        return vary(self._config.augmentation, square, boxes, random)

    def found(self, seen: Seen, image: Image) -> list[Found]:
        return found_boxes(seen, image, self._config.image_size)

    def alike(self, seen: Seen, image: Image) -> np.ndarray | None:
        """`[found, truths]`, where something else than boxes says it."""
        return None

    def truths(self, image: Image) -> list[Truth]:
        """Those that `alike` is of."""
        return truths_of(image)

    def shape_of_truth(self, label: Label, image: Image) -> dict[str, Any]:
        """What is told of an object besides its box."""
        return {}

    def shape_of_answer(self, found: Found, image: Image) -> dict[str, Any]:
        return {}

    def further(self, detected: Detected) -> Measurements:
        return {}

    def learn(self, model: nn.Module, pixels: Tensor, truth: list[tuple[int, Boxes]]) -> Learnt:
        losses = self._detector.learn(model, pixels, [boxes for _, boxes in truth])
        total: Tensor = sum(losses)  # type: ignore[assignment]
        return Learnt(total, [loss.detach().double() * len(truth) for loss in (total, *losses)])

    def evaluate(self, see: See, split: str) -> Evaluation | None:
        squares = self._squares[split]
        sums, found, alike = [0.0] * len(self.measured), [], []
        for pixels, truth in see.lots(split):
            if see.is_interrupted():
                return None
            if self._detector.losses:
                learnt = self.learn(see.model, pixels, truth)
                sums = [total + value.item() for total, value in zip(sums, learnt.sums, strict=True)]
            for (index, _), seen in zip(truth, self._detector.see(see.model, pixels), strict=True):
                found.append(self.found(seen, squares.images[index]))
                if (likeness := self.alike(seen, squares.images[index])) is not None:
                    alike.append(likeness)
        of_boxes = self._judged(split, found, None)
        detected = self._judged(split, found, alike) if alike else of_boxes
        measurements = {**of_boxes.precision.measurements, **macro(of_boxes.confusion), **self.further(detected)}
        measurements |= {name: total / max(len(found), 1) for name, total in zip(self.measured, sums, strict=True)}
        return Evaluation(measurements, detected)

    def _judged(self, split: str, found: list[list[Found]], alike: Alike | None) -> Detected:
        truths_in = truths_of if alike is None else self.truths
        count, truths = len(self._classes), [truths_in(image) for image in self._squares[split].images]
        precision, confusion = average_precision(count, truths, found, alike), matched(count, truths, found, alike)
        return Detected(precision, confusion, found, alike)

    def account(self, evaluation: Evaluation, split: str) -> Account:
        detected: Detected = evaluation.answers
        shown = samples.told(self._order(detected, split), WORST, EVEN)
        told = [self._told(index, split, detected.found[index]) for index in shown]
        rows, counts = [*self._classes, BACKGROUND], detected.confusion.counts
        return Account(self._scores(detected), rows, counts, told, self._curves(detected.precision))

    def page(self, evaluation: Evaluation, split: str) -> bytes | None:
        return None

    def _order(self, detected: Detected, split: str) -> list[int]:
        """Those with the most errors first."""
        images, count = self._squares[split].images, len(self._classes)
        alike: Sequence[np.ndarray | None] = detected.alike or [None] * len(images)
        each = zip(images, detected.found, alike, strict=True)
        errors = [faults(count, self.truths(image), found, common) for image, found, common in each]
        return sorted(range(len(images)), key=lambda index: -errors[index])

    def _scores(self, detected: Detected) -> list[dict[str, Any]]:
        """Average precision by class; precision, recall and F1 at the score from which a predictor answers."""
        of_class = zip(self._classes, detected.precision.classes, detected.confusion.scores()[:-1], strict=True)
        return [
            {"name": name, "ap": one.ap, "ap50": one.ap50, **score, "f1": _f1(score)}
            | {"support": one.truths, "confidence": one.answered}
            for name, one, score in of_class
        ]

    def _curves(self, precision: AveragePrecision) -> dict[str, Any]:
        """Precision over recall at IoU .5."""
        of_class = zip(self._classes, precision.classes, strict=True)
        told = [{"name": name, "ap50": one.ap50, "precision": one.curve} for name, one in of_class]
        return {"iou": 0.5, "recall": RECALLS.tolist(), "classes": told}

    def _told(self, index: int, split: str, found: list[Found]) -> dict[str, Any]:
        """What is there and what is answered, also where a predictor would not be sure enough, in pixels of the image."""
        image = self._squares[split].images[index]

        def told(one: Truth | Found) -> dict[str, Any]:
            return {"class": self._classes[one.class_index], "bbox": [round(float(corner), 2) for corner in one.corners]}

        boxed = zip((label for label in image.labels if label.box), truths_of(image), strict=True)
        surest = sorted((one for one in found if one.score >= _TOLD_SCORE), key=lambda one: -one.score)[:_TOLD]
        return {
            "path": image.name,
            "width": image.width,
            "height": image.height,
            "truths": [told(truth) | self.shape_of_truth(label, image) for label, truth in boxed if not truth.crowd],
            "predictions": [told(one) | {"confidence": one.score} | self.shape_of_answer(one, image) for one in surest],
        }

    def for_onnx(self, model: nn.Module) -> nn.Module:
        return self._detector.for_onnx(model, self._config.image_size)

    def notes(self) -> dict[str, str]:
        return {
            "augmentation": in_words(self._config.augmentation),
            "training_boxes": str(self._boxes),
            "gradient_norm": f"at most {GRADIENT_NORM:g}",
        }


def _check(squares: dict[str, Squares], classes: list[str]) -> int:
    """Refuses to learn from nothing; says which classes have nothing. Returns how many boxes there are."""
    if not len(squares["train"]) or not len(squares["validation"]):
        raise dataset_failure("there is nothing to train or to validate on", "add images")
    counts = [0] * len(classes)
    for image in squares["train"].images:
        for truth in truths_of(image):
            counts[truth.class_index] += not truth.crowd
    if not any(counts):
        raise dataset_failure("no training image has a box", "label some objects or choose other classes")
    if without := [name for name, count in zip(classes, counts, strict=True) if not count]:
        print(f"warning: no training image has a box of {', '.join(without)}: it will not be found", file=sys.stderr)
    return sum(counts)


def found_boxes(seen: Seen, image: Image, side: int) -> list[Found]:
    corners, scores, classes = (part.detach().cpu().float().numpy() for part in seen[:3])
    moved = to_image(corners.reshape(-1, 4).astype(np.float64), image, side)
    return [Found(int(index), float(score), box) for index, score, box in zip(classes, scores, moved, strict=True)]


def macro(confusion: Confusion) -> dict[str, float]:
    """Means over the classes that occur, without the background."""
    present = [score for score in confusion.scores()[:-1] if score["support"]]
    return {name: sum(score[name] or 0.0 for score in present) / max(len(present), 1) for name in ("precision", "recall")}


def _f1(score: dict[str, Any]) -> float | None:
    precision, recall = score["precision"], score["recall"]
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
