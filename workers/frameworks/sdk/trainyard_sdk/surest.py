"""Of boxes that lie on each other the surest: how all detectors with the output `boxes` are read."""

from torch import Tensor
from torchvision.ops import batched_nms

# An answer counts from this score while validating; as many of an image are looked at, and kept.
_SCORE, _LOOKED_AT, _KEPT = 0.01, 1_000, 100
_NMS = 0.65


def surest(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of one image, every object once: of corners `[A, 4]` and scores `[A, C]`, what `Detector.see` answers."""
    sure, places = scores.flatten().topk(min(_LOOKED_AT, scores.numel()))
    places, sure = places[sure > _SCORE], sure[sure > _SCORE]
    anchors, classes = places // scores.shape[1], places % scores.shape[1]
    kept = batched_nms(boxes[anchors], sure, classes, _NMS)[:_KEPT]
    return boxes[anchors][kept], sure[kept], classes[kept]
