"""Objects that have more than a box: what the lessons of masks and of poses have in common."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .average_precision import Found
from .detect import Detect, Detected, Detector, Seen, found_boxes, macro
from .manifest import Image, Label, Manifest
from .protocol import Measurements
from .regions import inside
from .spec import Spec

# What is measured of boxes and of shapes; of shapes the name of theirs stands before it.
_NAMES = ("ap50_95", "ap50", "ap75")


@dataclass
class FoundShape(Found):
    # As the task keeps it.
    shape: Any = None


class Shapes(Detect):
    """An answer is right where its shape is; of boxes it is measured besides."""

    kind = ""

    def __init__(self, spec: Spec, manifest: Manifest, detector: Detector):
        super().__init__(spec, replace(manifest, images=[_boxed(image) for image in manifest.images]), detector)

    def further(self, detected: Detected) -> Measurements:
        measured = detected.precision.measurements
        told = {f"{self.kind}_{name}": measured[name] for name in _NAMES}
        return told | {f"{self.kind}_{name}": value for name, value in macro(detected.confusion).items()}

    def shaped(self, seen: Seen, image: Image, shapes: list[Any]) -> list[Found]:
        found = found_boxes(seen, image, self._config.image_size)
        pairs = zip(found, shapes, strict=True)
        return [FoundShape(one.class_index, one.score, one.corners, shape) for one, shape in pairs]


def _boxed(image: Image) -> Image:
    """With a box for every object: around its shape where nobody has drawn one."""
    labels = [label if label.box else replace(label, box=_around(label, image)) for label in image.labels]
    return replace(image, labels=labels)


def _around(label: Label, image: Image) -> tuple[float, float, float, float] | None:
    places = _places(label, image)
    if not len(places):
        return None
    (left, top), (right, bottom) = places.min(0), places.max(0)
    return float(left), float(top), float(right - left), float(bottom - top)


def _places(label: Label, image: Image) -> np.ndarray:
    """`[n, 2]` that the object lies between."""
    if label.mask is not None:
        rows, columns = np.nonzero(inside(label, image))
        upper = np.stack([columns, rows], 1).astype(np.float64)
        return np.concatenate([upper, upper + 1])
    outlined = [at for outline in label.polygon or [] for at in outline]
    seen = [at for x, y, visible in label.keypoints or [] if visible for at in (x, y)]
    return np.array(outlined or seen, np.float64).reshape(-1, 2)
