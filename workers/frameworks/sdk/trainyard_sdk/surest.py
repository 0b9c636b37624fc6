"""Of boxes that lie on each other the surest: how all detectors with the output `boxes` are read."""

import torch
from torch import Tensor
from torchvision.ops import batched_nms

# An answer counts from this score while validating; as many of an image are looked at, and kept.
_SCORE, _LOOKED_AT, _KEPT = 0.01, 1_000, 100
_NMS = 0.65
# Pixels of the square to a side of a cell of masks.
MASK_STRIDE = 4


def surest(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of one image, every object once: of corners `[A, 4]` and scores `[A, C]`, what `Detector.see` answers."""
    places, sure, classes = surest_places(boxes, scores)
    return boxes[places], sure, classes


def surest_masks(boxes: Tensor, scores: Tensor, coefficients: Tensor, prototypes: Tensor) -> tuple[Tensor, ...]:
    """Likewise with masks `[k, H, W]`, of coefficients `[A, K]` and prototypes `[K, H, W]`, as a predictor has them: above
    0 within the box."""
    places, sure, classes = surest_places(boxes, scores)
    rows, columns = prototypes.shape[1:]
    masks = (coefficients[places] @ prototypes.flatten(1)).reshape(-1, rows, columns) > 0
    return boxes[places], sure, classes, masks & _within(boxes[places], rows, columns)


def surest_poses(boxes: Tensor, scores: Tensor, points: Tensor) -> tuple[Tensor, ...]:
    """Likewise with key points `[k, P, 3]` of `[A, P, 3]`."""
    places, sure, classes = surest_places(boxes, scores)
    return boxes[places], sure, classes, points[places]


def _within(boxes: Tensor, rows: int, columns: int) -> Tensor:
    """`[k, rows, columns]`: whether the middle of a cell, of `MASK_STRIDE` pixels' side, is in the box."""
    x1, y1, x2, y2 = boxes[:, :, None].unbind(1)
    across, down = ((torch.arange(count, device=boxes.device) + 0.5) * MASK_STRIDE for count in (columns, rows))
    return ((y1 <= down) & (down < y2))[:, :, None] & ((x1 <= across) & (across < x2))[:, None]


def surest_places(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Likewise with the places `[k]` that they are answered at instead of their corners."""
    sure, places = scores.flatten().topk(min(_LOOKED_AT, scores.numel()))
    places, sure = places[sure > _SCORE], sure[sure > _SCORE]
    anchors, classes = places // scores.shape[1], places % scores.shape[1]
    kept = batched_nms(boxes[anchors], sure, classes, _NMS)[:_KEPT]
    return anchors[kept], sure[kept], classes[kept]
