"""Batch normalisation (Ioffe and Szegedy, arXiv 1502.03167), by the images of all processes that learn together."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .group import Group


@contextmanager
def by_all(group: Group) -> Iterator[list[Tensor]]:
    """Whatever framework a layer is of. What comes is filled with a nought of each, to be added to the loss: so every
    process goes back through all sums, in one order, even where its share has no use for one."""
    noughts: list[Tensor] = []
    if group.seat.size == 1:
        yield noughts
    else:
        with _ByAll(group, noughts):
            yield noughts


class _ByAll(TorchFunctionMode):
    """All layers come to one function, also those that do more besides, which torch's SyncBatchNorm would take from them."""

    def __init__(self, group: Group, noughts: list[Tensor]):
        super().__init__()
        self._group, self._noughts = group, noughts

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return (self._batch_norm if func is F.batch_norm else func)(*args, **(kwargs or {}))

    def _batch_norm(
        self,
        input: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None = None,
        bias: Tensor | None = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Tensor:
        if not training:
            return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)
        values = input.float()
        mean, variance, count = self._moments(values)
        if running_mean is not None and running_var is not None:
            with torch.no_grad():
                running_mean.lerp_(mean.to(running_mean.dtype), momentum)
                running_var.lerp_((variance * count / (count - 1)).to(running_var.dtype), momentum)
        scale = (variance + eps).rsqrt()
        scale = scale if weight is None else scale * weight
        each = (1, -1, *[1] * (input.dim() - 2))
        scaled = (values - mean.view(each)) * scale.view(each)
        return (scaled if bias is None else scaled + bias.view(each)).to(input.dtype)

    def _moments(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean and variance of each channel over all processes, and of how many values."""
        variance, mean = torch.var_mean(values, [0, *range(2, values.dim())], correction=0)
        variance, mean = variance.double(), mean.double()
        own = values.numel() / len(mean)
        sums = self._group.sum(torch.stack([mean, variance + mean.square(), torch.ones_like(mean)]) * own)
        self._noughts.append(0 * sums.sum().float())
        mean, squares, count = sums[0] / sums[2], sums[1] / sums[2], sums[2].detach().float()
        return mean.float(), (squares - mean.square()).clamp_min(0).float(), count
