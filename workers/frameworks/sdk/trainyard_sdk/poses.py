"""Key points of each object: the lesson of what finds poses, whatever framework its network is of."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .average_precision import Found, Truth
from .average_precision import overlaps as overlaps_of_boxes
from .detect import Detector, Seen
from .draws import Random
from .failure import dataset_failure
from .manifest import Image, Label, Manifest
from .scenes import Boxes, Change, changed, moved_boxes, to_image_points, to_square_points, truths_of
from .shapes import FoundShape, Shapes
from .spec import Spec
from .square import Pixels

# Of COCO's 17 points of a body: how far apart people put the same one, in parts of the object's size.
_OF_A_BODY = [0.026] + [one for one in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in range(2)]
# An object covers so much of its box.
_COVERED = 0.53


def sigmas(points: int) -> np.ndarray:
    """Of points that nobody has measured, all alike."""
    return np.array(_OF_A_BODY if points == len(_OF_A_BODY) else [1 / points] * points)


@dataclass
class Posed(Boxes):
    # `[n, P, 3]`: x, y in pixels of the square, and visibility as in a label: 0 is not known.
    points: np.ndarray


class Poses(Shapes):
    """Its detectors `see` also key points `[k, P, 3]`: x, y in pixels of the square, and how sure each is seen."""

    primary = "keypoint_ap50_95"
    kind = "keypoint"

    def __init__(self, spec: Spec, manifest: Manifest, detector: Detector):
        super().__init__(spec, manifest, detector)
        self._count, self._mirrored = len(manifest.keypoints or []), manifest.mirrored
        images = self._squares["train"].images
        if not any(_points(label, self._count)[:, 2].any() for image in images for label in image.labels):
            raise dataset_failure("no training image has an object with key points", "label some")

    def scene(self, image: Image) -> Posed:
        boxes = super().scene(image)
        labels = [label for label in image.labels if label.box and not label.crowd]
        points = np.array([_points(label, self._count) for label in labels]).reshape(-1, self._count, 3)
        points[..., :2] = to_square_points(points[..., :2], image, self._config.image_size)
        return Posed(boxes.corners, boxes.classes, points.astype(np.float32))

    def varied(self, square: Pixels, boxes: Boxes, random: Random) -> tuple[Pixels, Boxes]:
        """Nothing is mirrored where nobody has said which points are left and which right."""
        square, change = changed(self._config.augmentation, square, random, may_mirror=self._mirrored is not None)
        return square, boxes if change is None or not isinstance(boxes, Posed) else _moved(boxes, change, self._mirrored)

    def found(self, seen: Seen, image: Image) -> list[Found]:
        points = seen[3].detach().cpu().double().numpy()
        points[..., :2] = to_image_points(points[..., :2], image, self._config.image_size)
        return self.shaped(seen, image, list(points))

    def alike(self, seen: Seen, image: Image) -> np.ndarray:
        labels = [label for label in image.labels if label.box]
        truths = np.array([_points(label, self._count) for label in labels]).reshape(-1, self._count, 3)
        found = self.found(seen, image)
        answers = np.array([one.shape for one in found if isinstance(one, FoundShape)]).reshape(-1, self._count, 3)
        return likeness(answers, truths, found, self.truths(image))

    def truths(self, image: Image) -> list[Truth]:
        """Where no point of an object is known, no answer is judged."""
        labels = [label for label in image.labels if label.box]
        known = [bool(_points(label, self._count)[:, 2].any()) for label in labels]
        pairs = zip(truths_of(image), known, strict=True)
        return [replace(truth, crowd=truth.crowd or not is_known) for truth, is_known in pairs]

    def shape_of_truth(self, label: Label, image: Image) -> dict[str, Any]:
        return {"keypoints": _points(label, self._count).tolist()}

    def shape_of_answer(self, found: Found, image: Image) -> dict[str, Any]:
        assert isinstance(found, FoundShape)
        return {"keypoints": np.round(found.shape, 3).tolist()}

    def notes(self) -> dict[str, str]:
        told = super().notes()
        if self._mirrored is None:
            told["augmentation"] = told["augmentation"].removesuffix(", flip")
        return told


def _points(label: Label, count: int) -> np.ndarray:
    """`[P, 3]`; of an object without any, none is known."""
    return np.array(label.keypoints or np.zeros((count, 3)), np.float64).reshape(count, 3)


def _moved(boxes: Posed, change: Change, mirrored: list[int] | None) -> Posed:
    left, stays = moved_boxes(boxes, change)
    points = boxes.points[stays].copy()
    points[..., :2] = points[..., :2] * change.zoom + np.array(change.shift, np.float32)
    is_seen = ((points[..., :2] >= 0) & (points[..., :2] < change.side)).all(-1)
    points[..., 2] *= is_seen
    if change.is_mirrored and mirrored is not None:
        points = points[:, mirrored]
        points[..., 0] = change.side - points[..., 0]
    return Posed(left.corners, left.classes, points)


def likeness(answers: np.ndarray, truths: np.ndarray, found: list[Found], there: list[Truth]) -> np.ndarray:
    """COCO's similarity `[k, n]` of points `[k, P, 3]` and `[n, P, 3]`; of crowds what the boxes have in common."""
    known = truths[..., 2] > 0
    corners = np.array([one.corners for one in there], np.float64).reshape(-1, 4)
    areas = np.prod(corners[:, 2:] - corners[:, :2], axis=1) * _COVERED
    distances = ((answers[:, None, :, :2] - truths[None, :, :, :2]) ** 2).sum(-1)
    spread = (2 * sigmas(truths.shape[1])) ** 2 * 2 * (areas[:, None] + 1e-9)
    near = (np.exp(-distances / spread[None]) * known[None]).sum(-1) / known.sum(-1).clip(1)[None]
    crowd = np.array([one.crowd for one in there], bool)
    return np.where(crowd[None], overlaps_of_boxes(found, there), near)
