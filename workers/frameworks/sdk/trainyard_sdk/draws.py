"""Random numbers that depend on nothing but what they are for: the same as `workers/data/src/random.rs` draws."""

from collections.abc import MutableSequence
from typing import Any

_MASK = (1 << 64) - 1


class Random:
    """SplitMix64 (Steele, Lea, Flood 2014): a stream for every key, such as `[seed, epoch, sample]`."""

    def __init__(self, keys: list[int]):
        self._state = 0x5452_4149_4E59_4152
        for key in keys:
            self._state = self.draw() ^ (key & _MASK)
        self.draw()

    def draw(self) -> int:
        self._state = (self._state + 0x9E37_79B9_7F4A_7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
        return z ^ (z >> 31)

    def unit(self) -> float:
        """From 0 up to, not including, 1."""
        return (self.draw() >> 11) / (1 << 53)

    def between(self, low: float, high: float) -> float:
        return low + self.unit() * (high - low)

    def below(self, count: int) -> int:
        """From 0 up to, not including, `count`, which is at least 1."""
        return (self.draw() * count) >> 64

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def shuffle(self, items: MutableSequence[Any]) -> None:
        """Fisher and Yates."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
