"""A mask of each object: the lesson of what segments objects one by one, whatever framework its network is of.

Masks are learned and judged by cells of `MASK_STRIDE` pixels: how much of a cell an object covers is exact, so that an
answer is as right as its outline is.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image as Picture
from PIL import ImageDraw
from torch import Tensor

from .average_precision import Found
from .detect import Seen
from .draws import Random
from .manifest import Image, Label
from .outline import rings
from .regions import inside
from .scenes import Boxes, Change, changed, moved_boxes, to_image_points, to_square_points
from .shapes import FoundShape, Shapes
from .square import Pixels, letterbox
from .surest import MASK_STRIDE

_FULL = 255
# To a side of a cell, where outlines are drawn.
_FINE = 16

Cells = np.ndarray
"""`[S / 4, S / 4]` bytes: how much of each cell is covered, `_FULL` being all of it."""


@dataclass
class Outlined(Boxes):
    # `[n, S / 4, S / 4]`, 0 to 1.
    masks: np.ndarray


class Masks(Shapes):
    """Its detectors `see` also masks `[k, S / 4, S / 4]`: whether each cell is of the object."""

    primary = "mask_ap50_95"
    kind = "mask"

    def scene(self, image: Image) -> Outlined:
        boxes, side = super().scene(image), self._config.image_size
        labels = [label for label in image.labels if label.box and not label.crowd]
        return Outlined(boxes.corners, boxes.classes, _stacked([covered(label, image, side) for label in labels], side))

    def varied(self, square: Pixels, boxes: Boxes, random: Random) -> tuple[Pixels, Boxes]:
        square, change = changed(self._config.augmentation, square, random)
        return square, boxes if change is None or not isinstance(boxes, Outlined) else _moved(boxes, change)

    def found(self, seen: Seen, image: Image) -> list[Found]:
        masks = seen[3].cpu().numpy()
        return self.shaped(seen, image, [zlib.compress(np.packbits(mask).tobytes(), 1) for mask in masks])

    def alike(self, seen: Seen, image: Image) -> np.ndarray:
        labels, side = [label for label in image.labels if label.box], self._config.image_size
        truths = torch.from_numpy(_stacked([covered(label, image, side) for label in labels], side)).flatten(1)
        return overlaps(seen[3].cpu().flatten(1).float(), truths, torch.tensor([label.crowd for label in labels]))

    def shape_of_truth(self, label: Label, image: Image) -> dict[str, Any]:
        if label.polygon:
            return {"polygons": [np.reshape(outline, (-1, 2)).tolist() for outline in label.polygon]}
        return self._outlined(covered(label, image, self._config.image_size) > _FULL // 2, image)

    def shape_of_answer(self, found: Found, image: Image) -> dict[str, Any]:
        assert isinstance(found, FoundShape)
        cells = self._config.image_size // MASK_STRIDE
        bits = np.unpackbits(np.frombuffer(zlib.decompress(found.shape), np.uint8), count=cells * cells)
        return self._outlined(bits.reshape(cells, cells).astype(bool), image)

    def _outlined(self, mask: np.ndarray, image: Image) -> dict[str, Any]:
        side = self._config.image_size
        placed = [to_image_points(np.array(ring, np.float64) * MASK_STRIDE, image, side) for ring in rings(mask)]
        return {"polygons": [np.round(ring, 2).tolist() for ring in placed]}


def covered(label: Label, image: Image, side: int) -> Cells:
    left, top, width, height = letterbox(image.width, image.height, side)
    if label.mask is None:
        return _drawn([to_square_points(np.reshape(one, (-1, 2)), image, side) for one in label.polygon or []], side)
    square, whole = Picture.new("L", (side, side)), Picture.fromarray(inside(label, image) * np.uint8(_FULL))
    square.paste(whole.resize((width, height), Picture.Resampling.BILINEAR), (left, top))
    return np.asarray(square.reduce(MASK_STRIDE))


def _drawn(outlines: list[np.ndarray], side: int) -> Cells:
    """Where they lie alone: Pillow draws on whole pixels, and so finer than there are any."""
    cells = np.zeros((side // MASK_STRIDE,) * 2, np.uint8)
    if not outlines:
        return cells
    places = np.concatenate(outlines).clip(0, side) / MASK_STRIDE
    (left, top), (right, bottom) = np.floor(places.min(0)).astype(int), np.ceil(places.max(0)).astype(int)
    fine = Picture.new("L", (max(right - left, 1) * _FINE, max(bottom - top, 1) * _FINE))
    draw = ImageDraw.Draw(fine)
    for outline in outlines:
        draw.polygon(((outline / MASK_STRIDE - [left, top]) * _FINE).ravel().tolist(), fill=_FULL)
    drawn = np.asarray(fine.reduce(_FINE))[: len(cells) - top, : len(cells) - left]
    cells[top : top + len(drawn), left : left + drawn.shape[1]] = drawn
    return cells


def _stacked(masks: list[Cells], side: int) -> np.ndarray:
    cells = side // MASK_STRIDE
    return np.array(masks, np.float32).reshape(-1, cells, cells) / _FULL


def _moved(boxes: Outlined, change: Change) -> Outlined:
    left, stays = moved_boxes(boxes, change)
    masks = [_moved_mask(mask, change) for mask in boxes.masks[stays]]
    return Outlined(left.corners, left.classes, np.array(masks, np.float32).reshape(-1, *boxes.masks.shape[1:]))


def _moved_mask(mask: np.ndarray, change: Change) -> np.ndarray:
    across, down = (-shift / MASK_STRIDE / change.zoom for shift in change.shift)
    back = (1 / change.zoom, 0, across, 0, 1 / change.zoom, down)
    picture = Picture.fromarray(mask)
    made = np.asarray(picture.transform(picture.size, Picture.Transform.AFFINE, back, resample=Picture.Resampling.BILINEAR))
    return made[:, ::-1] if change.is_mirrored else made


def overlaps(answers: Tensor, truths: Tensor, crowd: Tensor) -> np.ndarray:
    """Intersection over union `[k, n]` of answers `[k, cells]`, 0 or 1, and what truths `[n, cells]` cover of each cell;
    over the answer's own area where the truth is a crowd."""
    common, own = answers @ truths.T, answers.sum(1, keepdim=True)
    either = torch.where(crowd.bool()[None], own, own + truths.sum(1)[None] - common)
    return (common / either.clamp(min=1e-12)).double().numpy()
