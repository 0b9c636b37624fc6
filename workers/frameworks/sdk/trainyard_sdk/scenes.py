"""Images with boxes as letterboxed squares, and random changes that move the boxes along."""

from dataclasses import dataclass

import numpy as np
from PIL import Image as Picture

from .augment import jitter
from .average_precision import Truth
from .draws import Random
from .manifest import Image
from .square import BORDER, Pixels, letterbox

# Zoom from 1 - .5 to 1 + .5, and shift of the middle in parts of the side.
_SCALE, _TRANSLATE = 0.5, 0.1
# A box stays when more than this is left of it: pixels of each side, and part of its area.
_SIDE_MIN, _AREA_MIN = 2.0, 0.1


@dataclass
class Boxes:
    """Corners `[n, 4]` in pixels of the square, and classes `[n]`."""

    corners: np.ndarray
    classes: np.ndarray


def truths_of(image: Image) -> list[Truth]:
    """In pixels of the image, crowds included."""
    return [
        Truth(label.class_index, np.array([x, y, x + width, y + height], np.float64), label.crowd)
        for label in image.labels
        if label.box
        for x, y, width, height in [label.box]
    ]


def to_square(image: Image, side: int) -> Boxes:
    """What is there to learn: no crowds."""
    left, top, width, height = letterbox(image.width, image.height, side)
    truths = [truth for truth in truths_of(image) if not truth.crowd]
    corners = np.array([truth.corners for truth in truths], np.float64).reshape(-1, 4)
    scale = np.array([width / image.width, height / image.height] * 2)
    moved = (corners * scale + [left, top, left, top]).clip(0, side)
    return Boxes(moved.astype(np.float32), np.array([truth.class_index for truth in truths], np.int64))


def to_image(corners: np.ndarray, image: Image, side: int) -> np.ndarray:
    """From pixels of the square, cut to the image."""
    left, top, width, height = letterbox(image.width, image.height, side)
    scale = np.array([image.width / width, image.height / height] * 2)
    ends = [image.width, image.height] * 2
    return ((corners - [left, top, left, top]) * scale).clip(0, ends)


def to_square_points(points: np.ndarray, image: Image, side: int) -> np.ndarray:
    """`[..., 2]`, also beyond the image."""
    left, top, width, height = letterbox(image.width, image.height, side)
    moved: np.ndarray = points * [width / image.width, height / image.height] + [left, top]
    return moved


def to_image_points(points: np.ndarray, image: Image, side: int) -> np.ndarray:
    left, top, width, height = letterbox(image.width, image.height, side)
    moved: np.ndarray = (points - [left, top]) * [image.width / width, image.height / height]
    return moved


def in_words(kind: str) -> str:
    """For `started`."""
    moved = "shift up to 10 %, scale up to 50 %"
    return {"none": "none", "light": moved, "standard": f"{moved}, colour jitter 20 %, flip"}[kind]


@dataclass(frozen=True)
class Change:
    """Where a square of `side` pixels went: zoomed, shifted, and then perhaps mirrored."""

    side: int
    zoom: float
    shift: list[float]
    is_mirrored: bool


def vary(kind: str, pixels: Pixels, boxes: Boxes, random: Random) -> tuple[Pixels, Boxes]:
    """One square, zoomed and shifted; `standard` changes colours and flips besides."""
    pixels, change = changed(kind, pixels, random)
    return pixels, boxes if change is None else moved_boxes(boxes, change)[0]


def changed(kind: str, pixels: Pixels, random: Random, *, may_mirror: bool = True) -> tuple[Pixels, Change | None]:
    """The pixels alone, and where what is on them has gone."""
    if kind == "none":
        return pixels, None
    side, is_mirrored = len(pixels), False
    zoom, shift = drawn_move(side, random)
    pixels = moved(pixels, zoom, shift)
    if kind == "standard":
        pixels = jitter(pixels, random)
        if is_mirrored := random.chance(0.5) and may_mirror:
            pixels = pixels[:, ::-1]
    return pixels, Change(side, zoom, shift, is_mirrored)


def drawn_move(side: int, random: Random) -> tuple[float, list[float]]:
    """How much a square is zoomed, and where its corner goes."""
    zoom = random.between(1 - _SCALE, 1 + _SCALE)
    return zoom, [side * random.between(0.5 - _TRANSLATE, 0.5 + _TRANSLATE) - side / 2 * zoom for _ in range(2)]


def moved(square: np.ndarray, zoom: float, shift: list[float], empty: int | None = None) -> np.ndarray:
    """Pixels are mixed and grey where there were none; with `empty`, numbers stay what they are."""
    side = len(square)
    back = (1 / zoom, 0, -shift[0] / zoom, 0, 1 / zoom, -shift[1] / zoom)
    picture = Picture.fromarray(np.ascontiguousarray(square))
    mixed, fill = (Picture.Resampling.BILINEAR, (BORDER,) * 3) if empty is None else (Picture.Resampling.NEAREST, empty)
    return np.asarray(picture.transform((side, side), Picture.Transform.AFFINE, back, resample=mixed, fillcolor=fill))


def moved_boxes(boxes: Boxes, change: Change) -> tuple[Boxes, np.ndarray]:
    """Cut to what is seen of them, and which of them stay: too little is seen of the others."""
    side = change.side
    whole = boxes.corners * change.zoom + np.array(change.shift * 2)
    seen = whole.clip(0, side)
    sides = seen[:, 2:] - seen[:, :2]
    area = np.prod(whole[:, 2:] - whole[:, :2], axis=1)
    stays = (sides > _SIDE_MIN).all(1) & (np.prod(sides, axis=1) > _AREA_MIN * area)
    left = seen[stays].astype(np.float32)
    if change.is_mirrored:
        left = (left[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [side, 0, side, 0]).astype(np.float32)
    return Boxes(left, boxes.classes[stays]), stays
