"""One pass of a model over a split, lot by lot, changing nothing."""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn

from .batches import ahead, evaluation_plan
from .card import Preprocessing
from .hardware import Hardware
from .interrupt import Interrupt
from .lesson import Evaluation, Lesson, See, normalise
from .spec import Spec


def evaluate(
    lesson: Lesson,
    spec: Spec,
    preprocessing: Preprocessing,
    hardware: Hardware,
    model: nn.Module,
    split: str,
    interrupt: Interrupt | None,
) -> Evaluation | None:
    """`None` when it was interrupted."""
    plan = evaluation_plan(lesson.count(split), max(1, spec.config.batch_size // spec.batch_divisor))

    def lots(of: str) -> Iterator[tuple[Tensor, list[object]]]:
        for lot in ahead(hardware.pool, plan, partial(lesson.lot, of, epoch=None)):
            yield normalise(lot.pixels, preprocessing, hardware.device), lot.truth

    model.eval()
    with torch.no_grad():
        return lesson.evaluate(See(model, lots, lambda: bool(interrupt and interrupt.is_raised)), split)
