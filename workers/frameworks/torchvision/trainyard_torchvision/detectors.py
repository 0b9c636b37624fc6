"""torchvision's one-stage detectors, whose heads are asked directly: images are squares already."""

from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import get_model
from torchvision.models.detection.fcos import FCOS
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.ops import box_iou
from trainyard_sdk.card import IMAGENET
from trainyard_sdk.detect import Detector, Seen
from trainyard_sdk.failure import config_failure
from trainyard_sdk.scenes import Boxes
from trainyard_sdk.squares import Triple
from trainyard_sdk.surest import surest

# The side that each was made for, in pixels. What has two stages has no ONNX file whose answers are of one size.
SIDES = {
    "ssdlite320_mobilenet_v3_large": 320,
    "ssd300_vgg16": 300,
    "fcos_resnet50_fpn": 800,
    "retinanet_resnet50_fpn": 800,
    "retinanet_resnet50_fpn_v2": 800,
}
Raw = tuple[dict[str, Tensor], list[Tensor], list[int]]
"""What a head says, the anchors of each image, and how many there are on each level."""


class Detectors:
    name = "torchvision"
    licence = "BSD-3-Clause"

    def build(self, model: str, task: str, classes: int, image_size: int) -> tuple[nn.Module, Detector]:
        if model not in SIDES:
            raise config_failure(f"torchvision has no detector {model!r} that can be served", f"choose {', '.join(SIDES)}")
        one_stage = OneStage(model)
        built = get_model(model, weights=None, weights_backbone=None, num_classes=classes + one_stage.background)
        try:
            with torch.no_grad():
                one_stage.raw(built.eval(), torch.zeros(1, 3, image_size, image_size))
        except (RuntimeError, ValueError) as error:
            said = f"{model} cannot see {image_size} pixels ({error})"
            raise config_failure(said, f"set image_size to {SIDES[model]}") from error
        return built, one_stage

    def statistics(self, task: str, model: str) -> tuple[Triple, Triple]:
        return IMAGENET

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        return tensors


class OneStage:
    output = "boxes"
    outputs = ["boxes", "scores"]

    def __init__(self, model: str):
        # SSD has a class for nothing, the first.
        self.background = int(model.startswith("ssd"))
        centred = ("centre_loss",) if model.startswith("fcos") else ()
        self.losses: tuple[str, ...] = ("class_loss", "box_loss", *centred)

    def raw(self, model: Any, pixels: Tensor) -> Raw:
        features = model.backbone(pixels)
        features = [features] if isinstance(features, Tensor) else list(features.values())
        side = pixels.shape[-1]
        anchors = model.anchor_generator(ImageList(pixels, [(side, side)] * len(pixels)), features)
        return model.head(features), anchors, [feature.shape[2] * feature.shape[3] for feature in features]

    def learn(self, model: Any, pixels: Tensor, boxes: list[Boxes]) -> list[Tensor]:
        said, anchors, per_level = self.raw(model, pixels)
        said = {name: value.float() for name, value in said.items()}
        targets = [
            {
                "boxes": torch.from_numpy(one.corners).to(pixels.device),
                "labels": torch.from_numpy(one.classes).to(pixels.device) + self.background,
            }
            for one in boxes
        ]
        if isinstance(model, SSD):
            losses = model.compute_loss(targets, said, anchors, _matched(model, targets, anchors))
        elif isinstance(model, FCOS):
            losses = model.compute_loss(targets, said, anchors, per_level)
        else:
            losses = model.compute_loss(targets, said, anchors)
        names = ["classification", "bbox_regression", "bbox_ctrness"][: len(self.losses)]
        return [losses[name] for name in names]

    def see(self, model: Any, pixels: Tensor) -> list[Seen]:
        said, anchors, _ = self.raw(model, pixels)
        boxes, scores = answers(model, said, anchors[0])
        return [surest(*one) for one in zip(boxes, scores, strict=True)]

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        with torch.no_grad():
            _, anchors, _ = self.raw(model, torch.zeros(1, 3, side, side))
        return _View(model, anchors[0])


class _View(nn.Module):
    """Boxes and scores of every anchor; the anchors of a square are always the same."""

    def __init__(self, model: Any, anchors: Tensor):
        super().__init__()
        self.model = model
        self.anchors = nn.Buffer(anchors)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.model.backbone(images)
        features = [features] if isinstance(features, Tensor) else list(features.values())
        return answers(self.model, self.model.head(features), self.anchors)


def answers(model: Any, said: dict[str, Tensor], anchors: Tensor) -> tuple[Tensor, Tensor]:
    """Corners `[N, A, 4]` in pixels and scores `[N, A, C]`."""
    logits, offsets = said["cls_logits"].float(), said["bbox_regression"].float()
    repeated = anchors.expand(offsets.shape[0], -1, -1)
    if isinstance(model, FCOS):
        boxes = model.box_coder.decode(offsets, repeated)
        return boxes, (logits.sigmoid() * said["bbox_ctrness"].float().sigmoid()).sqrt()
    flat = model.box_coder.decode_single(offsets.reshape(-1, 4), repeated.reshape(-1, 4))
    boxes = flat.reshape(offsets.shape)
    return boxes, logits.softmax(-1)[..., 1:] if isinstance(model, SSD) else logits.sigmoid()


def _matched(model: SSD, targets: list[dict[str, Tensor]], anchors: list[Tensor]) -> list[Tensor]:
    """Which box each anchor of SSD is to find, -1 for none."""
    return [
        model.proposal_matcher(box_iou(target["boxes"], own))
        if len(target["boxes"])
        else torch.full((len(own),), -1, dtype=torch.int64, device=own.device)
        for target, own in zip(targets, anchors, strict=True)
    ]
