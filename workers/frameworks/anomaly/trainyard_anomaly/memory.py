"""PatchCore (Roth et al., CVPR 2022, arXiv 2106.08265): what good images look like is a memory of their places, and how far
an image is from it, at its farthest place, is how anomalous it is."""

import torch
from torch import Tensor, nn

from .features import Features

# Features are compared in so many dimensions while the memory is chosen; distances survive that (Johnson, Lindenstrauss).
_COMPARED = 128
# A limit of nothing would make everything anomalous: a part of the mean square of the memory.
_LEAST = 1e-6


class PatchCore(nn.Module):
    """`[N, 3, S, S]` to `score [N]` and `map [N, H, W]`, 0 to 1 and 0.5 at the limit."""

    memory: Tensor
    limit: Tensor

    def __init__(self, features: Features, places: int):
        super().__init__()
        self.features = features
        # `[M, D]`.
        self.register_buffer("memory", torch.zeros(places, features.width))
        # A squared distance: beyond it no good image is expected.
        self.register_buffer("limit", torch.ones(()))

    def distances(self, found: Tensor, without: Tensor | None = None) -> Tensor:
        """Squared ones from features `[N, D, H, W]` to the nearest of the memory, `[N, H, W]`.

        `without [N, M]` are places of the memory that an image may not look at.
        """
        places = found.flatten(2).transpose(1, 2)
        squares = places.square().sum(-1, keepdim=True) + self.memory.square().sum(-1)
        far = (squares - 2 * (places @ self.memory.t())).clamp(min=0)
        if without is not None:
            far = far.masked_fill(without.unsqueeze(1), torch.inf)
        return far.amin(-1).unflatten(-1, found.shape[-2:])

    def set_limit(self, distance: float) -> None:
        least = _LEAST * self.memory.square().sum(-1).mean().item()
        self.limit.fill_(max(distance, least, torch.finfo(torch.float32).tiny))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        far = self.distances(self.features(pixels))
        heat = far / (far + self.limit)
        return heat.flatten(1).amax(1), heat


def chosen(pool: Tensor, count: int, seed: int) -> Tensor:
    """Of places `[P, D]`, the indices of `count` that leave none far from the nearest.

    Greedily, each the farthest from those before (Sener and Savarese, arXiv 1708.00489).
    """
    if pool.shape[1] > _COMPARED:
        random = torch.Generator().manual_seed(seed)
        flat = torch.randn(pool.shape[1], _COMPARED, generator=random) / _COMPARED**0.5
        pool = pool @ flat.to(pool.device)
    indices = torch.zeros(count, dtype=torch.int64)
    nearest = torch.full((len(pool),), torch.inf, device=pool.device)
    for number in range(1, count):
        last = pool[int(indices[number - 1])]
        nearest = torch.minimum(nearest, (pool - last).square().sum(1))
        indices[number] = nearest.argmax()
    return indices
