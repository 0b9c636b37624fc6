"""What the heads of RTMDet and YOLOX answer, for learning, answering and export."""

from typing import Any

import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData
from torch import Tensor, nn
from trainyard_sdk.detect import Seen
from trainyard_sdk.onnx_file import Answering
from trainyard_sdk.scenes import Boxes
from trainyard_sdk.surest import surest


class Head:
    output = "boxes"
    outputs = ["boxes", "scores"]

    def __init__(self, is_yolox: bool):
        self._is_yolox = is_yolox
        self.losses: tuple[str, ...] = ("class_loss", "box_loss", *(["object_loss"] if is_yolox else []))
        self._theirs = ("loss_cls", "loss_bbox", "loss_obj")[: len(self.losses)]

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        told = model.loss(pixels, [_sample(one, pixels) for one in boxes])
        return [sum(told[name]) if isinstance(told[name], list) else told[name] for name in self._theirs]

    def see(self, model: Any, pixels: Tensor) -> list[Seen]:
        return [surest(*one) for one in zip(*self.answers(model, pixels), strict=True)]

    def answers(self, model: Any, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Corners `[N, A, 4]` in pixels and scores `[N, A, C]`."""
        said = model.bbox_head(model.extract_feat(pixels))
        scores, places, *objects = ([level.float() for level in part] for part in said)
        sizes = [level.shape[-2:] for level in scores]
        generator = model.bbox_head.prior_generator
        priors = torch.cat(generator.grid_priors(sizes, device=pixels.device, with_stride=self._is_yolox))
        if self._is_yolox:
            boxes = model.bbox_head._bbox_decode(priors, _flat(places))
            return boxes, _flat(scores).sigmoid() * _flat(objects[0]).sigmoid()
        away = _flat(places)
        return torch.cat([priors - away[..., :2], priors + away[..., 2:]], -1), _flat(scores).sigmoid()

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return Answering(model, self.answers)


def _flat(levels: list[Tensor]) -> Tensor:
    """`[N, A, K]` of the levels' `[N, K, H, W]`."""
    return torch.cat([level.flatten(2).transpose(1, 2) for level in levels], 1)


def _sample(boxes: Boxes, pixels: Tensor) -> DetDataSample:
    shape = tuple(pixels.shape[-2:])
    sample = DetDataSample(metainfo={"img_shape": shape, "pad_shape": shape, "batch_input_shape": shape})
    corners, classes = (torch.from_numpy(part).to(pixels.device) for part in (boxes.corners, boxes.classes))
    sample.gt_instances = InstanceData(bboxes=corners, labels=classes)
    return sample
