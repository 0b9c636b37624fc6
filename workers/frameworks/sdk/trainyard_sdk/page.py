"""Pages of images: many small ones in one file, each in a frame that says whether what was answered is right.

There are no letters: whoever shows a page writes what is to be said in the language of its reader.
"""

import io

from PIL import Image, ImageDraw

from .square import Pixels

_COLUMNS = 6
# The longer side of one image, and what is between two, in pixels.
_SIDE, _GAP = 144, 8
_BACKGROUND = (24, 24, 24)
# Of a frame, and of the line within it, by which it is seen on images of its own colour.
_FRAME, _HALO = 4, 1
_RIGHT, _WRONG, _LIGHT = (46, 158, 91), (224, 83, 61), (255, 255, 255)
_QUALITY = 88
# Images on a page.
FRAMED = 24


def framed_page(images: list[tuple[Pixels, bool]]) -> bytes:
    """Squares, and whether what was answered of each is right; as JPEG."""
    columns = max(1, min(len(images), _COLUMNS))
    rows = max(1, -(-len(images) // columns))
    cell = _SIDE + _GAP
    page = Image.new("RGB", (columns * cell + _GAP, rows * cell + _GAP), _BACKGROUND)
    for index, (pixels, is_right) in enumerate(images):
        left, top = (_GAP + at * cell for at in (index % columns, index // columns))
        page.paste(_framed(pixels, is_right), (left, top))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _framed(pixels: Pixels, is_right: bool) -> Image.Image:
    # The pixels of a small one are repeated, so that they are still seen as what they are.
    filter_ = Image.Resampling.NEAREST if len(pixels) < _SIDE else Image.Resampling.BILINEAR
    image = Image.fromarray(pixels).resize((_SIDE, _SIDE), filter_)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, _SIDE - 1, _SIDE - 1), outline=_LIGHT, width=_FRAME + _HALO)
    draw.rectangle((0, 0, _SIDE - 1, _SIDE - 1), outline=_RIGHT if is_right else _WRONG, width=_FRAME)
    return image
