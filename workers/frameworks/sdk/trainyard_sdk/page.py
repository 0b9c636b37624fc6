"""Pages of images: many small ones in one file, each with two lines about it."""

import io

from PIL import Image, ImageDraw

from .square import Pixels

_COLUMNS = 6
# The longer side of one image, and what is between two, in pixels.
_SIDE, _GAP = 144, 8
_BACKGROUND = (24, 24, 24)
_RIGHT, _WRONG = (120, 200, 120), (240, 130, 110)
_LINE = 14
_QUALITY = 88
# Images on a page.
CAPTIONED = 24


def captioned_page(images: list[tuple[Pixels, tuple[str, str], bool]]) -> bytes:
    """Squares, what is said below each, and whether it is right; as JPEG."""
    columns = max(1, min(len(images), _COLUMNS))
    rows = max(1, -(-len(images) // columns))
    cell = (_SIDE + _GAP, _SIDE + 2 * _LINE + _GAP)
    page = Image.new("RGB", (columns * cell[0] + _GAP, rows * cell[1] + _GAP), _BACKGROUND)
    draw = ImageDraw.Draw(page)
    for index, (pixels, lines, is_right) in enumerate(images):
        left, top = _GAP + index % columns * cell[0], _GAP + index // columns * cell[1]
        # The pixels of a small one are repeated, so that they are still seen as what they are.
        filter_ = Image.Resampling.NEAREST if len(pixels) < _SIDE else Image.Resampling.BILINEAR
        page.paste(Image.fromarray(pixels).resize((_SIDE, _SIDE), filter_), (left, top))
        for number, line in enumerate(lines):
            place = (left, top + _SIDE + number * _LINE)
            draw.text(place, line[:24], fill=_RIGHT if is_right else _WRONG)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
