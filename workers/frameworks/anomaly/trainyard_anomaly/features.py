"""What a network of timm sees at each place of an image: two of its layers side by side, each place with its neighbours."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from trainyard_sdk.failure import config_failure

import timm

# How much smaller than the image the two layers are: fine enough to say where, deep enough to know what.
_REDUCTIONS = (8, 16)


class Features(nn.Module):
    """`[N, 3, S, S]` to `[N, D, S/8, S/8]`, as Roth et al. describe (arXiv 2106.08265, section 3.1)."""

    def __init__(self, backbone: str):
        super().__init__()
        self.name = backbone
        told: Any = timm.create_model(backbone, pretrained=False, features_only=True).feature_info
        indices = tuple(told.reduction().index(reduction) for reduction in _REDUCTIONS)
        self.backbone: Any = timm.create_model(backbone, pretrained=False, features_only=True, out_indices=indices)
        self.width = sum(self.backbone.feature_info.channels())

    def forward(self, pixels: Tensor) -> Tensor:
        fine, deep = (F.avg_pool2d(layer, 3, 1, 1) for layer in self.backbone(pixels))
        deep = F.interpolate(deep, size=fine.shape[-2:], mode="bilinear", align_corners=False)
        return torch.cat([fine, deep], 1)


def check(features: Features, side: int) -> int:
    """How many places there are in a square; refused where it has none."""
    try:
        with torch.no_grad():
            rows, columns = features.eval()(torch.zeros(1, 3, side, side)).shape[-2:]
    except RuntimeError as error:
        raise config_failure(f"the network cannot see {side} pixels ({error})", "set image_size to 64 or more") from error
    return int(rows * columns)
