"""What YOLO-NAS answers where it has a pose head, for learning, answering and export."""

from typing import Any

import torch
from libreyolo.data.pose_metadata import default_oks_sigmas
from libreyolo.models.yolonas.loss import YoloNASPoseLoss
from torch import Tensor, nn
from trainyard_sdk.detect import Seen
from trainyard_sdk.poses import Posed
from trainyard_sdk.scenes import Boxes
from trainyard_sdk.surest import surest_poses

from .heads import Head, centred, padded


class NasPoses(Head):
    output = "keypoints"
    outputs = ["boxes", "scores", "keypoints"]
    losses = ("class_loss", "box_loss", "edge_loss", "visibility_loss", "keypoint_loss")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        loss = YoloNASPoseLoss(default_oks_sigmas(model.num_keypoints), num_classes=model.num_classes).to(pixels.device)
        total, told = loss(model(pixels), _rows(boxes, model.num_keypoints, pixels.device))
        # Only their sum can be learned from.
        rest = list(told[1:-1])
        return [total - sum(rest), *rest]

    def answers(self, model: Any, pixels: Tensor) -> tuple[Tensor, ...]:
        answered = model(pixels)
        # With what the loss wants besides, but where it is traced.
        boxes, scores, places, sure = answered if len(answered) == 4 else answered[0]
        return boxes.float(), scores.float(), torch.cat([places, sure[..., None]], -1).float()

    def see(self, model: nn.Module, pixels: Tensor) -> list[Seen]:
        return [surest_poses(*one) for one in zip(*self.answers(model, pixels), strict=True)]


def _rows(boxes: list[Boxes], points: int, device: torch.device) -> Tensor:
    """`[N, M, 5 + 3P]` of class, middle, size and key points in pixels; rows beyond those of an image are nought."""
    rows = centred(padded(boxes, device, 1, empty=0))
    told = rows.new_zeros(*rows.shape[:2], 3 * points)
    for row, one in zip(told, boxes, strict=True):
        assert isinstance(one, Posed)
        row[: len(one.classes)] = torch.from_numpy(one.points).flatten(1).to(device)
    return torch.cat([rows, told], -1)
