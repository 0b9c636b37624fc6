"""The images of a split as squares, decoded once and kept while memory allows."""

from pathlib import Path

import numpy as np

from .limits import CACHE_BYTES, STATISTICS_IMAGES
from .manifest import Image
from .square import Pixels, read_image, square

Triple = tuple[float, float, float]


class Squares:
    """Squares of `side` pixels, of files below `root`; so many processes of this machine keep their own."""

    def __init__(self, root: Path, images: list[Image], side: int, resize: str, processes: int = 1):
        self.images = images
        self.side = side
        self._root = root
        self._resize = resize
        needed = len(images) * side * side * 3
        self._kept: dict[int, Pixels] | None = {} if needed <= _budget_bytes() / 3 / processes else None

    def __len__(self) -> int:
        return len(self.images)

    def get(self, index: int) -> Pixels:
        """Not to be written to."""
        if self._kept is not None and index in self._kept:
            return self._kept[index]
        image = self.images[index]
        pixels = square(read_image(self._root, image), self.side, self._resize)
        if self._kept is not None:
            self._kept[index] = pixels
        return pixels

    def statistics(self) -> tuple[Triple, Triple]:
        """Mean and deviation of each channel, scaled to 0..1, of at most `STATISTICS_IMAGES` evenly spread images."""
        shown = min(len(self), STATISTICS_IMAGES)
        count, total, squared = 0, np.zeros(3), np.zeros(3)
        for index in range(shown):
            pixels = self.get(index * len(self) // shown).reshape(-1, 3).astype(np.uint64)
            # Sums are of integers, so that their order does not matter.
            count += len(pixels)
            total += pixels.sum(0)
            squared += (pixels * pixels).sum(0)
        mean = total / max(count, 1)
        deviation = np.sqrt(np.maximum(squared / max(count, 1) - mean**2, 0)) / 255
        # A channel that never changes gets the deviation 1.
        return tuple((mean / 255).tolist()), tuple(np.where(deviation < 1e-3, 1.0, deviation).tolist())


def fill_of(mean: Triple) -> tuple[int, int, int]:
    """The colour that erased areas are filled with: the mean, which is 0 after normalising."""
    red, green, blue = (int(value * 255 + 0.5) for value in mean)
    return red, green, blue


def _budget_bytes() -> float:
    """`CACHE_BYTES`, or a quarter of the memory that is free, if that is less."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return min(CACHE_BYTES, int(line.split()[1]) * 1024 / 4)
    return 0
