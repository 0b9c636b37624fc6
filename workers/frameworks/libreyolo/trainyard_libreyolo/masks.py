"""What D-FINE answers where it has a mask head, for learning, answering and export."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from libreyolo.models.base.validation_loss import emit_loss_outputs
from libreyolo.models.dfine.loss import DFINECriterion
from libreyolo.models.dfine.matcher import HungarianMatcher
from libreyolo.training.config import DFINEConfig
from torch import Tensor, nn
from trainyard_sdk.detect import Seen
from trainyard_sdk.masks import Outlined
from trainyard_sdk.scenes import Boxes
from trainyard_sdk.surest import surest_masks

from .heads import Head

_OURS = DFINEConfig(num_classes=1)
# What its trainer pairs queries with objects by, and what it weighs losses by.
_COSTS = {"cost_class": 2.0, "cost_bbox": 5.0, "cost_giou": 2.0}
_COSTS |= {"cost_mask": _OURS.mask_match_cost, "cost_mask_dice": _OURS.mask_dice_match_cost}
_WEIGHTS = {"loss_vfl": 1.0, "loss_bbox": 5.0, "loss_giou": 2.0, "loss_fgl": 0.15, "loss_ddf": 1.5}
_WEIGHTS |= {"loss_mask_bce": _OURS.mask_bce_loss_weight, "loss_mask_dice": _OURS.mask_dice_loss_weight}


class FineMasks(Head):
    output = "masks"
    outputs = ["boxes", "scores", "coefficients", "prototypes"]
    losses = ("class_loss", "box_loss", "giou_loss", "edge_loss", "distillation_loss", "mask_loss")
    _THEIRS = ("loss_vfl", "loss_bbox", "loss_giou", "loss_fgl", "loss_ddf", "loss_mask")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        targets = [_target(one, pixels) for one in boxes]
        if model.training:
            answered = model(pixels, targets=targets)
        else:
            with emit_loss_outputs(model):
                answered = model(pixels)
        told = _criterion(model.decoder.num_classes)(answered, targets)
        nothing = pixels.new_zeros(())
        return [sum((value for name, value in told.items() if name.startswith(own)), nothing) for own in self._THEIRS]

    def answers(self, model: Any, pixels: Tensor) -> tuple[Tensor, ...]:
        with _heard(model.decoder.mask_decoder) as prototypes, _heard(model.decoder.mask_head) as embeddings:
            answered = model(pixels)
        middle, size = answered["pred_boxes"].float().split(2, -1)
        corners = torch.cat([middle - size / 2, middle + size / 2], -1) * pixels.shape[-1]
        # The last layer's, which the answer is of, come first.
        coefficients = embeddings[0].float() * embeddings[0].shape[-1] ** -0.5
        return corners, answered["pred_logits"].float().sigmoid(), coefficients, prototypes[0].float()

    def see(self, model: nn.Module, pixels: Tensor) -> list[Seen]:
        return [surest_masks(*one) for one in zip(*self.answers(model, pixels), strict=True)]


@contextmanager
def _heard(layer: nn.Module) -> Iterator[list[Tensor]]:
    """What a layer answers in the meantime: masks are made of it, and leave it out of the answer."""
    heard: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _layer, _given, answer: heard.append(answer))
    try:
        yield heard
    finally:
        handle.remove()


def _criterion(classes: int) -> DFINECriterion:
    matcher = HungarianMatcher(_COSTS, use_focal_loss=True, alpha=0.25, gamma=2.0)
    losses = ["vfl", "boxes", "local", "masks"]
    return DFINECriterion(matcher, _WEIGHTS, losses, alpha=0.75, gamma=2.0, num_classes=classes, reg_max=32)


def _target(boxes: Boxes, pixels: Tensor) -> dict[str, Tensor]:
    """As centre and size in parts of the square."""
    assert isinstance(boxes, Outlined)
    low, high = torch.from_numpy(boxes.corners).to(pixels.device).split(2, -1)
    return {
        "labels": torch.from_numpy(boxes.classes).to(pixels.device),
        "boxes": torch.cat([(low + high) / 2, high - low], -1) / pixels.shape[-1],
        "masks": torch.from_numpy(boxes.masks).to(pixels.device),
    }
