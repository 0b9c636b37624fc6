"""Good or not: how a validation is measured, and what is told of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch.nn.functional as F
from PIL import Image as Picture
from torch import Tensor, nn
from trainyard_sdk import samples
from trainyard_sdk.classify import EVEN, WORST
from trainyard_sdk.confusion import Confusion
from trainyard_sdk.failure import config_failure, dataset_failure
from trainyard_sdk.lesson import Account, Evaluation, Learnt, Lot, See
from trainyard_sdk.manifest import Image, Manifest
from trainyard_sdk.page import FRAMED, framed_page
from trainyard_sdk.regions import IGNORED, class_map
from trainyard_sdk.spec import Spec
from trainyard_sdk.squares import Squares, Triple

from .measures import Pixels, at, auroc, spread

# Of the card: by how scores are made, that is where the limit is.
THRESHOLD = 0.5
# Good images that are too few to tell how they differ among themselves.
_GOOD_MIN = 2
# How much of a pixel is heat where nothing is as it should be.
_GLOW = 0.6


@dataclass
class _Seen:
    # Of each image in order.
    scores: list[float]
    heats: list[np.ndarray]
    confusion: Confusion


class Anomalies:
    output = "anomaly"
    outputs = ["score", "map"]
    measured: tuple[str, ...] = ()
    gradient_norm: float | None = None

    def __init__(self, spec: Spec, manifest: Manifest):
        config = self._config = spec.config
        if config.resize != "letterbox":
            raise config_failure("defects are looked for in whole images", "set resize to letterbox")
        if len(manifest.classes) != 2:
            raise dataset_failure("good and other images are two classes", "add the dataset again")
        self._classes = manifest.classes
        self._squares = {
            split: Squares(spec.images, manifest.of(split), config.image_size, config.resize)
            for split in ("train", "validation", "test")
        }
        train, judged = self._squares["train"].images, self._squares["validation"].images
        if any(image.class_index for image in train):
            raise dataset_failure("there are defects among what is trained on", "add the dataset again")
        if len(train) < _GOOD_MIN:
            raise dataset_failure(f"there are {len(train)} good images to train on", "add good images")
        if all(image.class_index for image in judged):
            raise dataset_failure("there is nothing to validate on: no good image", "add good images")
        self._has_both = {image.class_index for image in judged} == {0, 1}

    @property
    def primary(self) -> str:
        """Where no defect is known, all that can be measured is how many good ones stay good."""
        return "image_auroc" if self._has_both else "specificity"

    def statistics(self) -> tuple[Triple, Triple]:
        return self._squares["train"].statistics()

    def count(self, split: str) -> int:
        return len(self._squares[split])

    def lot(self, split: str, indices: list[int], epoch: int | None) -> Lot:
        squares = self._squares[split]
        return Lot(np.stack([squares.get(index) for index in indices]), [squares.images[index] for index in indices])

    def learn(self, model: nn.Module, pixels: Tensor, truth: list[Any]) -> Learnt:
        raise NotImplementedError("a memory goes through no gradient")

    def evaluate(self, see: See, split: str) -> Evaluation | None:
        side, pixels = self._config.image_size, Pixels()
        seen = _Seen([], [], Confusion(2))
        for lot, truth in see.lots(split):
            if see.is_interrupted():
                return None
            scores, maps = see.model(lot)
            heats = F.interpolate(maps.unsqueeze(1), size=(side, side), mode="bilinear", align_corners=False)[:, 0]
            for image, score, cells, heat in zip(truth, scores.tolist(), maps.cpu(), heats.cpu().numpy(), strict=True):
                seen.scores.append(score)
                seen.heats.append(cells.numpy())
                seen.confusion.add(image.class_index, int(score >= THRESHOLD))
                if (defect := self._defect(image)) is not None:
                    counted = defect != IGNORED
                    pixels.add(heat[counted], defect[counted])
        return Evaluation(self._measured(seen, pixels, split), seen)

    def _defect(self, image: Image) -> np.ndarray | None:
        """Of each pixel of the square whether it is of a defect; `None` where nothing says where the defect is."""
        if image.class_index and all(label.mask is None and label.polygon is None for label in image.labels):
            return None
        return class_map(image, self._config.image_size, 0)

    def _measured(self, seen: _Seen, pixels: Pixels, split: str) -> dict[str, float]:
        scores = np.array(seen.scores)
        truth = np.array([image.class_index for image in self._squares[split].images])
        good, bad = scores[truth == 0], scores[truth == 1]
        told = {**at(THRESHOLD, good, bad), **spread("good", good), **spread("anomalous", bad)}
        if len(good) and len(bad):
            told["image_auroc"] = auroc(good, bad)
        where = pixels.auroc()
        return told if where is None else {**told, "pixel_auroc": where}

    def account(self, evaluation: Evaluation, split: str) -> Account:
        seen: _Seen = evaluation.answers
        images = self._squares[split].images
        scores = [{"name": name, **told} for name, told in zip(self._classes, seen.confusion.scores(), strict=True)]
        shown = samples.told(self._order(seen, split), WORST, EVEN)
        told = [self._told(images[index], seen.scores[index]) for index in shown]
        return Account(scores, self._classes, seen.confusion.counts, told)

    def page(self, evaluation: Evaluation, split: str) -> bytes | None:
        seen, squares = evaluation.answers, self._squares[split]
        return framed_page(
            [
                (glowing(squares.get(index), seen.heats[index]), _is_right(squares.images[index], seen.scores[index]))
                for index in self._order(seen, split)[:FRAMED]
            ]
        )

    def _order(self, seen: _Seen, split: str) -> list[int]:
        """The most certain mistakes first, then what is nearest to the threshold."""
        images = self._squares[split].images

        def rank(index: int) -> tuple[bool, float]:
            is_right, far = _is_right(images[index], seen.scores[index]), abs(seen.scores[index] - THRESHOLD)
            return is_right, far if is_right else -far

        return sorted(range(len(images)), key=rank)

    def _told(self, image: Image, score: float) -> dict[str, Any]:
        answer = int(score >= THRESHOLD)
        confidence = score if answer else 1 - score
        truth = self._classes[image.class_index]
        return {"path": image.name, "truth": truth, "answer": self._classes[answer], "confidence": confidence}

    def for_onnx(self, model: nn.Module) -> nn.Module:
        return model

    def notes(self) -> dict[str, str]:
        judged = self._squares["validation"].images
        bad = sum(image.class_index for image in judged)
        if not bad:
            return {"validation": f"{len(judged)} good images, and no known defect: only good ones kept good are measured"}
        outlined = sum(1 for image in judged if image.class_index and self._defect(image) is not None)
        return {"validation": f"{len(judged) - bad} good images, {bad} with defects, {outlined} of them outlined"}


def _is_right(image: Image, score: float) -> bool:
    return (score >= THRESHOLD) == bool(image.class_index)


def glowing(square: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """A square with its map laid over it: the more red, the less as it should be. What is below the threshold stays."""
    grey = Picture.fromarray((cells.clip(0, 1) * 255).astype(np.uint8))
    heat = np.asarray(grey.resize(square.shape[1::-1], Picture.Resampling.BILINEAR))
    # By its root, so that what is just above is seen.
    share = np.sqrt(((heat / 255 - THRESHOLD) / (1 - THRESHOLD)).clip(0, 1))[..., None] * _GLOW
    return (square * (1 - share) + np.array([255, 32, 32]) * share).astype(np.uint8)
