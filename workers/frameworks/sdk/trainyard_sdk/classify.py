"""One class for each image: the lesson of every classifier, whatever framework its network is of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import samples
from .answered import answered
from .augment import augment, source_side
from .augment import in_words as augmentation_in_words
from .confusion import Confusion
from .draws import Random
from .failure import config_failure, dataset_failure
from .lesson import Account, Evaluation, Learnt, Lot, See
from .manifest import Manifest
from .page import FRAMED, framed_page
from .spec import Spec
from .squares import Squares, Triple, fill_of

# Images that are told about at the end: those it is most wrong about, and others evenly spread.
WORST, EVEN = 300, 100


@dataclass
class _Answers:
    confusion: Confusion
    # For each image in order: the answer and its confidence.
    answers: list[tuple[int, float]]


class Classify:
    primary = "accuracy"
    measured: tuple[str, ...] = ("loss", "accuracy")
    output = "logits"
    outputs = ["logits"]
    gradient_norm: float | None = None

    def __init__(self, spec: Spec, manifest: Manifest):
        config = spec.config
        self._config = config
        self._classes = manifest.classes
        of = {split: manifest.of(split) for split in ("train", "validation", "test")}
        sides = {"train": source_side(config.augmentation, config.image_size)}
        self._squares = {
            split: Squares(spec.images, images, sides.get(split, config.image_size), config.resize, spec.processes)
            for split, images in of.items()
        }
        self._fill = (0, 0, 0)

    def statistics(self) -> tuple[Triple, Triple]:
        """Of the training images, whose mean erased areas are filled with."""
        mean, std = self._squares["train"].statistics()
        self._fill = fill_of(mean)
        return mean, std

    def count(self, split: str) -> int:
        return len(self._squares[split])

    def lot(self, split: str, indices: list[int], epoch: int | None) -> Lot:
        squares, config = self._squares[split], self._config
        pixels = []
        for index in indices:
            source = squares.get(index)
            if epoch is not None:
                random = Random([config.seed, epoch, index])
                source = augment(config.augmentation, source, config.image_size, self._fill, random)
            pixels.append(source)
        return Lot(np.stack(pixels), [squares.images[index].class_index for index in indices])

    def learn(self, model: nn.Module, pixels: Tensor, truth: list[int]) -> Learnt:
        logits = model(pixels).float()
        labels = torch.tensor(truth, device=logits.device)
        loss = F.cross_entropy(logits, labels, label_smoothing=self._config.label_smoothing)
        right = (logits.argmax(1) == labels).sum().double()
        return Learnt(loss, [loss.detach().double() * len(truth), right])

    def evaluate(self, see: See, split: str) -> Evaluation | None:
        loss, confusion, answers = 0.0, Confusion(len(self._classes)), []
        for pixels, truth in see.lots(split):
            if see.is_interrupted():
                return None
            logits = see.model(pixels).float()
            # Labels are not smoothed here.
            loss += F.cross_entropy(logits, torch.tensor(truth, device=logits.device)).item() * len(truth)
            confidences, found = logits.double().softmax(1).max(1)
            for label, answer, confidence in zip(truth, found.tolist(), confidences.tolist(), strict=True):
                confusion.add(label, answer)
                answers.append((answer, confidence))
        measurements = {
            "loss": loss / max(len(answers), 1),
            "accuracy": confusion.accuracy,
            "precision": confusion.macro("precision"),
            "recall": confusion.macro("recall"),
        }
        return Evaluation(measurements, _Answers(confusion, answers))

    def account(self, evaluation: Evaluation, split: str) -> Account:
        found: _Answers = evaluation.answers
        told_of = zip(self._classes, found.confusion.scores(), self._judged(found.answers, split), strict=True)
        classes = [{"name": name, **score, "confidence": answered(judged)} for name, score, judged in told_of]
        shown = samples.told(self._order(found.answers, split), WORST, EVEN)
        told = [self._told(index, found.answers, split) for index in shown]
        return Account(classes, self._classes, found.confusion.counts, told)

    def page(self, evaluation: Evaluation, split: str) -> bytes | None:
        squares, answers = self._squares[split], evaluation.answers.answers
        shown = self._order(answers, split)[:FRAMED]
        return framed_page([(squares.get(index), self._is_right(index, answers, split)) for index in shown])

    def _judged(self, answers: list[tuple[int, float]], split: str) -> list[list[tuple[float, bool]]]:
        """Of each class the answers that name it: how sure they are, and whether they are right."""
        of_class: list[list[tuple[float, bool]]] = [[] for _ in self._classes]
        for index, (answer, confidence) in enumerate(answers):
            of_class[answer].append((confidence, self._is_right(index, answers, split)))
        return of_class

    def _is_right(self, index: int, answers: list[tuple[int, float]], split: str) -> bool:
        return answers[index][0] == self._squares[split].images[index].class_index

    def _order(self, answers: list[tuple[int, float]], split: str) -> list[int]:
        """The most confident mistakes first, then the least sure right answers."""

        def key(index: int) -> tuple[bool, float]:
            is_right, confidence = self._is_right(index, answers, split), answers[index][1]
            return is_right, confidence if is_right else -confidence

        return sorted(range(len(answers)), key=key)

    def _told(self, index: int, answers: list[tuple[int, float]], split: str) -> dict[str, Any]:
        answer, confidence = answers[index]
        image = self._squares[split].images[index]
        truth = self._classes[image.class_index]
        return {"path": image.name, "truth": truth, "answer": self._classes[answer], "confidence": confidence}

    def for_onnx(self, model: nn.Module) -> nn.Module:
        return model

    def notes(self) -> dict[str, str]:
        return {"augmentation": augmentation_in_words(self._config.augmentation, self._config.image_size)}


def check_sizes(spec: Spec, manifest: Manifest) -> None:
    """Refuses batches that batch normalisation cannot learn from, and a validation of nothing."""
    batch, parts = spec.config.batch_size, spec.batch_divisor * spec.processes
    train, validation = len(manifest.of("train")), len(manifest.of("validation"))
    if train == 0:
        raise dataset_failure("there is nothing to train on", "add images")
    if batch > train:
        raise config_failure(
            f"batch_size is {batch}, above the {train} training images", f"set batch_size to at most {train}"
        )
    smallest = train // -(-train // batch)
    if smallest // parts < 2:
        raise config_failure(
            f"a batch of {smallest} images in {parts} parts leaves fewer than 2 in one", "set a larger batch_size"
        )
    if validation == 0:
        raise dataset_failure("there is nothing to validate on", "add images")
