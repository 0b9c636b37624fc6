"""A class for every pixel: the lesson of every semantic segmenter, whatever framework its network is of."""

from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .confusion import Confusion
from .draws import Random
from .failure import config_failure, dataset_failure
from .lesson import Account, Evaluation, Learnt, Lot, See
from .manifest import Manifest
from .regions import CLASSES, IGNORED, class_map, vary
from .reports import BACKGROUND
from .scenes import in_words
from .spec import Spec
from .squares import Squares

# Where more of the training pixels than this have no label, having none is a class of its own.
_UNLABELLED = 0.01
# Training images that are looked at for it.
_LOOKED_AT = 200


class Segmenter(Protocol):
    """What a framework says of its segmenters."""

    output: str
    outputs: list[str]

    def logits(self, model: nn.Module, pixels: Tensor) -> Tensor:
        """`[N, C, H, W]`, of any height and width."""

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module: ...


class Segment:
    primary = "mean_iou"
    measured: tuple[str, ...] = ("loss", "pixel_accuracy")
    gradient_norm: float | None = None
    output = "pixels"
    outputs = ["logits"]

    def __init__(self, spec: Spec, manifest: Manifest):
        config = self._config = spec.config
        if config.resize != "letterbox":
            raise config_failure("a segmenter sees whole images", "set resize to letterbox")
        if len(manifest.classes) > CLASSES:
            raise config_failure(f"{len(manifest.classes)} classes are more than {CLASSES}", "choose fewer classes")
        self._squares = {
            split: Squares(spec.images, manifest.of(split), config.image_size, config.resize, spec.processes)
            for split in ("train", "validation", "test")
        }
        if not len(self._squares["train"]) or not len(self._squares["validation"]):
            raise dataset_failure("there is nothing to train or to validate on", "add images")
        self._unlabelled = self._share_without_label()
        added = self._unlabelled > _UNLABELLED and BACKGROUND not in manifest.classes
        self.classes = [*manifest.classes, *([BACKGROUND] if added else [])]
        self._empty = self.classes.index(BACKGROUND) if BACKGROUND in self.classes else IGNORED
        self._maps: dict[tuple[str, int], np.ndarray] = {}
        self._segmenter: Segmenter

    def through(self, segmenter: Segmenter) -> "Segment":
        self._segmenter = segmenter
        return self

    def _share_without_label(self) -> float:
        images, side = self._squares["train"].images, self._config.image_size
        shown = min(len(images), _LOOKED_AT)
        nothing, every = 0, 0
        for index in range(shown):
            # Crowds and borders are 255 as well; what has no label gets a number that no class has.
            found = class_map(images[index * len(images) // shown], side, CLASSES)
            nothing += int((found == CLASSES).sum())
            every += int((found != IGNORED).sum())
        if nothing == every:
            raise dataset_failure("no training image has an outline or a mask", "label some objects")
        return nothing / every

    def count(self, split: str) -> int:
        return len(self._squares[split])

    def _map(self, split: str, index: int) -> np.ndarray:
        key = (split, index)
        if key not in self._maps:
            self._maps[key] = class_map(self._squares[split].images[index], self._config.image_size, self._empty)
        return self._maps[key]

    def lot(self, split: str, indices: list[int], epoch: int | None) -> Lot:
        config, pixels, truth = self._config, [], []
        for index in indices:
            square, classes = self._squares[split].get(index), self._map(split, index)
            if epoch is not None:
                square, classes = vary(config.augmentation, square, classes, Random([config.seed, epoch, index]))
            pixels.append(square)
            truth.append(np.ascontiguousarray(classes))
        return Lot(np.stack(pixels), truth)

    def _answer(self, model: nn.Module, pixels: Tensor, truth: list[np.ndarray]) -> tuple[Tensor, Tensor, Tensor]:
        """Logits and labels in the size of the square, and the loss."""
        small = self._segmenter.logits(model, pixels).float()
        logits = F.interpolate(small, size=pixels.shape[-2:], mode="bilinear", align_corners=False)
        labels = torch.from_numpy(np.stack(truth)).to(pixels.device).long()
        summed = F.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="sum")
        # Of an image without a pixel that counts there is nothing to learn, and nothing that is no number.
        return logits, labels, summed / (labels != IGNORED).sum().clamp(min=1)

    def learn(self, model: nn.Module, pixels: Tensor, truth: list[np.ndarray]) -> Learnt:
        logits, labels, loss = self._answer(model, pixels, truth)
        counted = labels != IGNORED
        right = ((logits.argmax(1) == labels) & counted).sum().double() / counted.sum().clamp(min=1)
        return Learnt(loss, [loss.detach().double() * len(truth), right * len(truth)])

    def evaluate(self, see: See, split: str) -> Evaluation | None:
        classes, images, loss = len(self.classes), 0, 0.0
        counts = torch.zeros(classes * classes, dtype=torch.int64)
        for pixels, truth in see.lots(split):
            if see.is_interrupted():
                return None
            logits, labels, of_lot = self._answer(see.model, pixels, truth)
            loss, images = loss + of_lot.item() * len(truth), images + len(truth)
            counted = labels != IGNORED
            pairs = labels[counted] * classes + logits.argmax(1)[counted]
            counts += torch.bincount(pairs.cpu(), minlength=classes * classes)
        confusion = Confusion(classes)
        confusion.counts = counts.reshape(classes, classes).tolist()
        overlaps = [value for value in _overlaps(confusion) if value is not None]
        measurements = {
            "loss": loss / max(images, 1),
            "mean_iou": sum(overlaps) / max(len(overlaps), 1),
            "pixel_accuracy": confusion.accuracy,
        }
        return Evaluation(measurements, confusion)

    def account(self, evaluation: Evaluation, split: str) -> Account:
        confusion: Confusion = evaluation.answers
        told = zip(self.classes, _overlaps(confusion), confusion.scores(), strict=True)
        classes: list[dict[str, Any]] = [{"name": name, "iou": overlap, **score} for name, overlap, score in told]
        return Account(classes, self.classes, confusion.counts)

    def page(self, evaluation: Evaluation, split: str) -> bytes | None:
        return None

    def for_onnx(self, model: nn.Module) -> nn.Module:
        return self._segmenter.for_onnx(model, self._config.image_size)

    def notes(self) -> dict[str, str]:
        share = f"{self._unlabelled:.1%} of the training pixels have no label"
        background = (
            f"{share}: they are of the class {BACKGROUND!r}" if self._empty != IGNORED else f"{share}: not learned from"
        )
        return {"augmentation": in_words(self._config.augmentation), BACKGROUND: background}


def _overlaps(confusion: Confusion) -> list[float | None]:
    """Intersection over union of each class; absent where it is neither there nor answered."""
    counts = np.array(confusion.counts, np.int64)
    right = np.diag(counts)
    union = counts.sum(0) + counts.sum(1) - right
    return [int(a) / int(b) if b else None for a, b in zip(right, union, strict=True)]
