"""Which class each pixel of a square is of, from outlines and masks, and changes that move both along."""

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw

from .augment import jitter
from .draws import Random
from .manifest import Image, Label
from .scenes import drawn_move, moved
from .square import Pixels, letterbox

# Of pixels that are neither learned from nor judged: borders, crowds, and what has no label.
IGNORED = 255
# Classes that fit beside it.
CLASSES = 254

Map = np.ndarray
"""`[S, S]` bytes: the class of each pixel."""


def class_map(image: Image, side: int, empty: int) -> Map:
    """Of the letterboxed square; `empty` is what a pixel without a label is of."""
    whole = Picture.new("L", (image.width, image.height), empty)
    # The largest first, so that a small one before it stays to be seen.
    for mask, label in _largest_first(image):
        value = IGNORED if label.crowd else label.class_index
        whole.paste(value, mask=Picture.fromarray(mask * np.uint8(255)))
    left, top, width, height = letterbox(image.width, image.height, side)
    out = np.full((side, side), IGNORED, np.uint8)
    out[top : top + height, left : left + width] = np.asarray(whole.resize((width, height), Picture.Resampling.NEAREST))
    return out


def _largest_first(image: Image) -> list[tuple[np.ndarray, Label]]:
    found = [(inside(label, image), label) for label in image.labels]
    return sorted(found, key=lambda pair: -int(pair[0].sum()))


def inside(label: Label, image: Image) -> np.ndarray:
    """`[H, W]`, 1 inside."""
    if label.mask is not None:
        runs = np.arange(len(label.mask)) % 2
        return np.repeat(runs, label.mask).astype(np.uint8).reshape(image.width, image.height).T
    picture = Picture.new("L", (image.width, image.height))
    draw = ImageDraw.Draw(picture)
    for outline in label.polygon or []:
        draw.polygon(list(zip(outline[::2], outline[1::2], strict=True)), fill=1)
    return np.asarray(picture)


def vary(kind: str, pixels: Pixels, classes: Map, random: Random) -> tuple[Pixels, Map]:
    """As `scenes.vary`, with the map instead of boxes."""
    if kind == "none":
        return pixels, classes
    zoom, shift = drawn_move(len(pixels), random)
    pixels, classes = moved(pixels, zoom, shift), moved(classes, zoom, shift, IGNORED)
    if kind == "standard":
        pixels = jitter(pixels, random)
        if random.chance(0.5):
            pixels, classes = pixels[:, ::-1], classes[:, ::-1]
    return pixels, classes
