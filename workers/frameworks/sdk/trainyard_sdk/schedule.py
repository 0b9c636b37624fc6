"""The learning rate of every step, known in advance: the numbers of `workers/vision/src/optim/schedule.rs`."""

import math
from dataclasses import dataclass

from .spec import Config

# Cosine and linear end at this part of the peak.
_FLOOR = 0.01
# One cycle (arXiv 1708.07120) with PyTorch's defaults.
_ONE_CYCLE_RISE, _ONE_CYCLE_START, _ONE_CYCLE_END = 0.3, 25.0, 1e4


@dataclass(frozen=True)
class Schedule:
    kind: str
    peak: float
    warmup: int
    steps: int

    @classmethod
    def of(cls, config: Config, steps_per_epoch: int) -> "Schedule":
        warmup = math.floor(config.warmup_epochs * steps_per_epoch + 0.5)
        return cls(config.schedule, config.learning_rate, warmup, config.epochs * steps_per_epoch)

    def learning_rate(self, step: int) -> float:
        """`step` counts from 1. Warm-up is linear and reaches the peak at its last step; one cycle has its own."""
        if self.kind == "one_cycle":
            return self._one_cycle(step - 1)
        if step <= self.warmup:
            return self.peak * step / self.warmup
        part = min((step - self.warmup - 1) / max(self.steps - self.warmup, 1), 1.0)
        if self.kind == "constant":
            return self.peak
        if self.kind == "linear":
            return self.peak * (1 - part * (1 - _FLOOR))
        return _cosine(self.peak, self.peak * _FLOOR, part)

    def _one_cycle(self, index: int) -> float:
        start, last = self.peak / _ONE_CYCLE_START, self.steps - 1.0
        top = _ONE_CYCLE_RISE * self.steps - 1.0
        if index <= top:
            return _cosine(start, self.peak, index / max(top, 1.0))
        return _cosine(self.peak, start / _ONE_CYCLE_END, min((index - top) / max(last - top, 1.0), 1.0))


def _cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2
