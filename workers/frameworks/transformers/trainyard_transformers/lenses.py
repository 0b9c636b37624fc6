"""What the outputs of these networks are, for learning, answering and export."""

from typing import Any

import torch
from torch import Tensor, nn
from trainyard_sdk.detect import Seen
from trainyard_sdk.scenes import Boxes

# Answers of one image that are kept.
_KEPT = 100


class Queries:
    """Of D-FINE: every object is found by one query."""

    output = "queries"
    outputs = ["logits", "boxes"]
    # Varifocal, corners, generalised IoU, distributions of the edges and their distillation.
    losses: tuple[str, ...] = ("class_loss", "box_loss", "giou_loss", "edge_loss", "distillation_loss")
    _THEIRS = ("loss_vfl", "loss_bbox", "loss_giou", "loss_fgl", "loss_ddf")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        labels = [_label(one, pixels.shape[-1], pixels.device) for one in boxes]
        told = model(pixel_values=pixels, labels=labels).loss_dict
        nothing = pixels.new_zeros(())
        return [sum((value for name, value in told.items() if name.startswith(own)), nothing) for own in self._THEIRS]

    def see(self, model: Any, pixels: Tensor) -> list[Seen]:
        answered = model(pixel_values=pixels)
        side, classes = pixels.shape[-1], answered.logits.shape[-1]
        seen = []
        for logits, boxes in zip(answered.logits.float().sigmoid(), answered.pred_boxes.float(), strict=True):
            scores, places = logits.flatten().topk(min(_KEPT, logits.numel()))
            middle, size = boxes[places // classes].split(2, -1)
            seen.append((torch.cat([middle - size / 2, middle + size / 2], -1) * side, scores, places % classes))
        return seen

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return _QueriesView(model)


class _QueriesView(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        answered = self.model(pixel_values=images)
        return answered.logits, answered.pred_boxes


def _label(boxes: Boxes, side: int, device: torch.device) -> dict[str, Tensor]:
    """As centre and size in parts of the square."""
    low, high = torch.from_numpy(boxes.corners).to(device).split(2, -1)
    return {
        "class_labels": torch.from_numpy(boxes.classes).to(device),
        "boxes": torch.cat([(low + high) / 2, high - low], -1) / side,
    }


class Cells:
    """Of SegFormer: a class for each cell of four pixels' side."""

    output = "pixels"
    outputs = ["logits"]

    def logits(self, model: Any, pixels: Tensor) -> Tensor:
        found: Tensor = model(pixel_values=pixels).logits
        return found

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return _CellsView(model)


class _CellsView(nn.Module):
    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.model(pixel_values=images).logits
        return found
