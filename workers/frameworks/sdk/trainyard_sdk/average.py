"""The exponential moving average of a model's tensors, which is what gets evaluated and kept."""

import math
from copy import deepcopy

import torch
from torch import nn

IN_WORDS = {"classify": "min(0.9998, (1 + step) / (10 + step))"}
_OTHERS_IN_WORDS = "0.9999 (1 - e^(-step / 2000))"


def decay_in_words(task: str) -> str:
    return IN_WORDS.get(task, _OTHERS_IN_WORDS)


def decay(task: str, step: int) -> float:
    """How much of itself an average keeps at a step, which counts from 1. Early on it must not remember the beginning."""
    if task == "classify":
        return min(0.9998, (1 + step) / (10 + step))
    return 0.9999 * (1 - math.exp(-step / 2_000))


def copy_of(model: nn.Module) -> nn.Module:
    copy = deepcopy(model)
    for parameter in copy.parameters():
        parameter.requires_grad_(False)
    return copy.eval()


@torch.no_grad()
def update(average: nn.Module, model: nn.Module, kept: float) -> None:
    """Moves `average` towards `model`. Running statistics are averaged too; what has several names is moved once."""
    theirs, moved = model.state_dict(), set()
    for name, value in average.state_dict().items():
        if value.data_ptr() in moved:
            continue
        moved.add(value.data_ptr())
        if value.is_floating_point():
            value.lerp_(theirs[name].to(value.dtype), 1 - kept)
        else:
            value.copy_(theirs[name])
