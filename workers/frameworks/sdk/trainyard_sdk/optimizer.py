"""Torch's optimizers as the configuration means them, with a state that is saved by the parameters' names."""

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn

from .spec import Config


class Optimizer:
    """Weight decay is for tensors of two or more dimensions: it leaves biases and norms alone."""

    def __init__(
        self, config: Config, model: nn.Module, scales: dict[str, float] | None = None, spared: Collection[str] = ()
    ):
        """`scales` are parts of the learning rate by the parameters' names, 1 where there is none; `spared` do not decay."""
        self._named = {name: value for name, value in model.named_parameters() if value.requires_grad}
        groups: dict[tuple[float, float], list[Tensor]] = {}
        for name, parameter in self._named.items():
            decays = parameter.ndim >= 2 and name not in spared
            key = ((scales or {}).get(name, 1.0), config.weight_decay if decays else 0.0)
            groups.setdefault(key, []).append(parameter)
        told = [{"params": group, "weight_decay": decay, "scale": scale} for (scale, decay), group in groups.items()]
        self._torch = _torch_optimizer(config, told)

    def step(self, learning_rate: float) -> None:
        for group in self._torch.param_groups:
            group["lr"] = learning_rate * group["scale"]
        self._torch.step()
        self._torch.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """Empty before the first step."""
        return {
            f"{name}/{key}": value
            for name, parameter in self._named.items()
            for key, value in self._torch.state[parameter].items()
            if isinstance(value, Tensor)
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        for full, value in state.items():
            name, key = full.rsplit("/", 1)
            parameter = self._named[name]
            # Laid out as the parameter is: sums must go the same way through memory.
            same = value.shape == parameter.shape
            kept = torch.empty_like(parameter, requires_grad=False).copy_(value) if same else value.clone()
            self._torch.state[parameter][key] = kept


def _torch_optimizer(config: Config, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, config.learning_rate, momentum=config.momentum, nesterov=config.momentum > 0)
    kind = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, config.learning_rate, betas=(config.momentum, 0.999))
