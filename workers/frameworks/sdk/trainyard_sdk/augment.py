"""Random changes to training images that keep their class: the same pixels as `workers/vision/src/data/augment.rs` makes."""

import math

import numpy as np

from .draws import Random
from .square import Pixels

# Up to this side, a crop is a shift: a smaller window would leave too few pixels.
_SMALL_SIDE = 64
# A shift goes at most this part of the side.
_SHIFT_PART = 8
_WINDOW_AREA = (0.35, 1.0)
_WINDOW_RATIO = (3 / 4, 4 / 3)
_JITTER = 0.2
_ERASE_CHANCE = 0.25
_ERASE_AREA = (0.02, 0.2)


def source_side(kind: str, side: int) -> int:
    """Side of the square to keep in memory: larger when windows are cut out of it."""
    return side + side // 4 if kind == "standard" and side > _SMALL_SIDE else side


def augment(kind: str, source: Pixels, side: int, fill: tuple[int, int, int], random: Random) -> Pixels:
    """`source` is a square of `source_side`; `fill` is the colour of erased areas, best the dataset's mean."""
    if kind == "none":
        return source
    if kind == "light":
        return _shift(source, side, random)
    out = _window(source, side, random) if side > _SMALL_SIDE else _shift(source, side, random)
    if random.chance(0.5):
        out = out[:, ::-1]
    out = jitter(out, random)
    if random.chance(_ERASE_CHANCE):
        _erase(out, side, fill, random)
    return out


def in_words(kind: str, side: int) -> str:
    """For `started`."""
    if kind == "none":
        return "none"
    if kind == "light":
        return f"shift by up to {side // _SHIFT_PART} pixels"
    if source_side(kind, side) > side:
        return "random window of 35-100 % area, flip, colour jitter 20 %, erasing"
    return f"shift by up to {side // _SHIFT_PART} pixels, flip, colour jitter 20 %, erasing"


def _shift(source: Pixels, side: int, random: Random) -> Pixels:
    """Moves the image; the outermost pixels are repeated where it left."""
    reach = side // _SHIFT_PART
    right, down = random.below(2 * reach + 1), random.below(2 * reach + 1)
    places = np.arange(side)
    rows = (places + down - reach).clip(0, side - 1)
    columns = (places + right - reach).clip(0, side - 1)
    return source[rows[:, None], columns]


def _window(source: Pixels, side: int, random: Random) -> Pixels:
    """A random window, scaled to the whole by bilinear interpolation."""
    whole = float(len(source))
    area = random.between(*_WINDOW_AREA) * whole * whole
    ratio = math.exp(random.between(math.log(_WINDOW_RATIO[0]), math.log(_WINDOW_RATIO[1])))
    width, height = min(math.sqrt(area * ratio), whole), min(math.sqrt(area / ratio), whole)
    left, top = random.between(0.0, whole - width), random.between(0.0, whole - height)

    def taps(start: float, length: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The two source coordinates around each of the output, and the weight of the second in 1/256."""
        at = (start + (np.arange(side) + 0.5) * length / side - 0.5).clip(0.0, whole - 1.0)
        low = at.astype(np.int64)
        return low, np.minimum(low + 1, len(source) - 1), ((at - low) * 256.0).astype(np.uint32)

    up, low, weight_y = taps(top, height)
    one, two, weight_x = taps(left, width)
    weight_x, weight_y = weight_x[None, :, None], weight_y[:, None, None]
    wide = source.astype(np.uint32)
    mixed = wide[:, one] * (256 - weight_x) + wide[:, two] * weight_x
    return ((mixed[up] * (256 - weight_y) + mixed[low] * weight_y + (1 << 15)) >> 16).astype(np.uint8)


def jitter(image: Pixels, random: Random) -> Pixels:
    """Brightness, contrast around the mean, and saturation."""
    brightness, contrast, saturation = (np.float32(random.between(1 - _JITTER, 1 + _JITTER)) for _ in range(3))
    mean = np.float32(int(image.sum(dtype=np.uint64))) / np.float32(image.size)
    pixels = image.astype(np.float32)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    grey = (np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue)[..., None]
    saturated = grey + (pixels - grey) * saturation
    contrasted = mean + (saturated - mean) * contrast
    # Halves go away from zero, as in Rust; below zero everything becomes zero.
    return np.floor((contrasted * brightness).clip(0, 255) + np.float32(0.5)).clip(0, 255).astype(np.uint8)


def _erase(out: Pixels, side: int, fill: tuple[int, int, int], random: Random) -> None:
    area = random.between(*_ERASE_AREA) * (side * side)
    ratio = math.exp(random.between(math.log(0.3), math.log(1 / 0.3)))

    def edge(length: float) -> int:
        return min(max(math.floor(length + 0.5), 1), side)

    width, height = edge(math.sqrt(area * ratio)), edge(math.sqrt(area / ratio))
    left, top = random.below(side - width + 1), random.below(side - height + 1)
    out[top : top + height, left : left + width] = fill
