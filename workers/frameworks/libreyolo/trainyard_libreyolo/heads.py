"""What the heads of the families answer, for learning, answering and export."""

from typing import Any

import torch
from libreyolo.models.picodet.loss import PICODETLoss
from libreyolo.models.rtmdet.loss import RTMDetLoss
from libreyolo.models.yolo9.loss import YOLO9Loss
from torch import Tensor, nn
from trainyard_sdk.detect import Seen
from trainyard_sdk.onnx_file import Answering
from trainyard_sdk.scenes import Boxes
from trainyard_sdk.surest import surest


class Head:
    """A family; `learn` is its own."""

    output = "boxes"
    outputs = ["boxes", "scores"]
    losses: tuple[str, ...] = ("class_loss", "box_loss")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        raise NotImplementedError

    def answers(self, model: Any, pixels: Tensor) -> tuple[Tensor, ...]:
        """`outputs` of a model that evaluates: corners `[N, A, 4]` in pixels and scores `[N, A, C]`."""
        return _parted(_exported(model, pixels))

    def see(self, model: nn.Module, pixels: Tensor) -> list[Seen]:
        return [surest(*one) for one in zip(*self.answers(model, pixels), strict=True)]

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return Answering(model, self.answers)


class Yolo9(Head):
    losses = ("class_loss", "box_loss", "edge_loss")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        answered = model(pixels)
        raw = answered if model.training else answered["raw_outputs"]
        head, side = model.head, pixels.shape[-1]
        loss = YOLO9Loss(head.nc, head.reg_max, head.stride.tolist(), [side, side], pixels.device)
        told = loss([level.float() for level in raw], padded(boxes, pixels.device, side, empty=-1))
        return [told["cls_loss"], told["box_loss"], told["dfl_loss"]]

    def answers(self, model: Any, pixels: Tensor) -> tuple[Tensor, ...]:
        return _parted(_exported(model, pixels).transpose(1, 2))


class YoloX(Head):
    losses = ("class_loss", "box_loss", "object_loss")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        answers, *places = model.head.forward_train_maps(model.backbone(pixels))
        across, down, strides, _ = places
        labels = centred(padded(boxes, pixels.device, 1, empty=0))
        told = model.head.get_losses(pixels, across, down, strides, labels, answers, [], dtype=answers.dtype)
        return [told["cls_loss"], told["iou_loss"], told["obj_loss"]]

    def answers(self, model: Any, pixels: Tensor) -> tuple[Tensor, ...]:
        middle, size, is_object, scores = _exported(model, pixels).split([2, 2, 1, model.head.num_classes], -1)
        return torch.cat([middle - size / 2, middle + size / 2], -1), is_object * scores


class RtmDet(Head):
    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        told = RTMDetLoss(model.head.num_classes, model.head.strides)(*model(pixels), *_listed(boxes, pixels.device))
        return [told["loss_cls"], told["loss_bbox"]]


class Pico(Head):
    losses = ("class_loss", "box_loss", "edge_loss")

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        loss = PICODETLoss(model.head.num_classes, model.head.reg_max, model.head.strides).to(pixels.device)
        told = loss(*model(pixels), *_listed(boxes, pixels.device))
        # Only their sum can be learned from.
        rest = [told["loss_bbox"], told["loss_dfl"]]
        return [told["total_loss"] - sum(rest), *rest]


def _exported(model: Any, pixels: Tensor) -> Tensor:
    """Boxes and scores in one, as the package's own export has them."""
    model.head.export = True
    try:
        answered: Tensor = model(pixels)
    finally:
        model.head.export = False
    return answered


def _parted(answers: Tensor) -> tuple[Tensor, Tensor]:
    return answers[..., :4].float(), answers[..., 4:].float()


def padded(boxes: list[Boxes], device: torch.device, side: int, *, empty: int) -> Tensor:
    """`[N, M, 5]` of class and corners in parts of `side`; rows beyond those of an image have the class `empty`."""
    rows = torch.zeros(len(boxes), max(len(one.classes) for one in boxes), 5)
    rows[..., 0] = empty
    for row, one in zip(rows, boxes, strict=True):
        count = len(one.classes)
        row[:count, 0], row[:count, 1:] = torch.from_numpy(one.classes), torch.from_numpy(one.corners) / side
    return rows.to(device)


def centred(rows: Tensor) -> Tensor:
    """With middle and size instead of corners."""
    label, low, high = rows.split([1, 2, 2], -1)
    return torch.cat([label, (low + high) / 2, high - low], -1)


def _listed(boxes: list[Boxes], device: torch.device) -> tuple[list[Tensor], list[Tensor]]:
    corners = [torch.from_numpy(one.corners).to(device) for one in boxes]
    return corners, [torch.from_numpy(one.classes).to(device) for one in boxes]
