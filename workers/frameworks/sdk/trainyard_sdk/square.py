"""Any image file to the square that a network sees, as `workers/data/src/{decode,resize}.rs` make it."""

import hashlib
import io
import math
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps

from .failure import Failure, dataset_failure
from .limits import IMAGE_FILE_BYTES, IMAGE_PIXELS
from .manifest import Image as Described

# Where letterboxing leaves borders.
BORDER = 114
_FORMATS = ("JPEG", "PNG", "BMP", "WEBP")

Pixels = np.ndarray
"""`[H, W, 3]` bytes, RGB."""


def is_deep(data: bytes) -> bool:
    """Whether it is a PNG of 16 bits a sample, by its header."""
    return data.startswith(b"\x89PNG\r\n\x1a\n") and data[24:25] == b"\x10"


def decode(data: bytes, sample_bits: int | None = None) -> Image.Image:
    """RGB, upright by its EXIF orientation; alpha is laid over white, 16 bits, or as many of them as the set uses, are
    scaled to 8."""
    # Colours of 16 bits lose the lower eight in Pillow, and these may be nearly all there is.
    if sample_bits and is_deep(data) and data[25:26] != b"\0":
        raise ValueError(
            f"it has colours of 16 bits, of which {sample_bits} are used, and this runner reads the upper 8: "
            "use the runner trainyard, or save the images with 8 bits"
        )
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        # Beyond the limit nothing is decoded; below it Pillow need not warn.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
    if image.width * image.height > IMAGE_PIXELS:
        raise ValueError(f"{image.width} x {image.height} pixels are more than {IMAGE_PIXELS // 1_000_000} million")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        most = (1 << (sample_bits or 16)) - 1
        wide = np.asarray(image).astype(np.float64) * 255 / most
        return Image.fromarray(np.rint(wide).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def read_image(root: Path, described: Described) -> Image.Image:
    """A file of the dataset: exact to the bit, or not at all."""
    name = described.name

    def failed(flaw: str) -> Failure:
        return dataset_failure(
            f"{name} changed while it was trained on: {flaw}", "restore the file or add the dataset again"
        )

    path = root / name
    try:
        if path.stat().st_size > IMAGE_FILE_BYTES:
            raise failed("it is too large")
        data = path.read_bytes()
    except OSError as error:
        raise failed(f"it cannot be read ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != described.sha256:
        raise failed("its content is another")
    try:
        return decode(data, described.sample_bits)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise failed(f"it cannot be decoded ({error})") from error


def scaled(image: Image.Image, window: tuple[float, float, float, float], width: int, height: int) -> Pixels:
    """The window (left, top, width, height) of an image, antialiased bilinear."""
    left, top, w, h = window
    box = (left, top, left + w, top + h)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR, box=box))


def letterbox(width: int, height: int, side: int) -> tuple[int, int, int, int]:
    """Left, top, width and height in the square of what an image of so many pixels becomes."""
    scale = side / max(width, height)
    # Halves go up, as in Rust; Python's `round` takes them to the even neighbour.
    w, h = (min(max(math.floor(length * scale + 0.5), 1), side) for length in (width, height))
    return (side - w) // 2, (side - h) // 2, w, h


def square(image: Image.Image, side: int, resize: str) -> Pixels:
    """A square of `side` pixels."""
    w, h = image.size
    if (w, h) == (side, side):
        return np.array(image)
    if resize == "stretch":
        return scaled(image, (0, 0, w, h), side, side).copy()
    if resize == "crop":
        edge = min(w, h)
        return scaled(image, ((w - edge) / 2, (h - edge) / 2, edge, edge), side, side).copy()
    left, top, inner_w, inner_h = letterbox(w, h, side)
    out = np.full((side, side, 3), BORDER, np.uint8)
    out[top : top + inner_h, left : left + inner_w] = scaled(image, (0, 0, w, h), inner_w, inner_h)
    return out
