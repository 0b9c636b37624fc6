"""A detector of your own behind the three commands of a trainer: describe, train, export."""

import tomllib
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.ops import batched_nms, generalized_box_iou_loss, sigmoid_focal_loss
from trainyard_sdk import dense
from trainyard_sdk.card import DEVICES, IMAGENET, Description, Model, settled
from trainyard_sdk.command import main
from trainyard_sdk.failure import config_failure

ABOUT = tomllib.loads(Path(__file__).with_name("runner.toml").read_text("utf-8"))
# By name: the channels of the first layer.
MODELS = {"small": 32, "large": 64}
# Pixels of a cell's side, and the answers of an image that are looked at and kept.
STRIDE, LOOKED_AT, KEPT = 8, 1_000, 100


def layer(inputs, outputs, stride):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.SiLU())


class Network(nn.Module):
    """`[N, 3, S, S]` to corners in pixels `[N, A, 4]` and logits `[N, A, C]`: one object for each cell."""

    def __init__(self, width, classes):
        super().__init__()
        finer = [layer(3, width, 2), layer(width, 2 * width, 2)]
        self.body = nn.Sequential(*finer, layer(2 * width, 4 * width, 2), layer(4 * width, 4 * width, 1))
        self.head = nn.Conv2d(4 * width, 4 + classes, 1)
        # At first there is hardly anything anywhere.
        nn.init.constant_(self.head.bias[4:], -4.6)

    def forward(self, images):
        said = self.head(self.body(images)).float().flatten(2).transpose(1, 2)
        middles, away = cells(images), F.softplus(said[..., :4]) * STRIDE
        return torch.cat([middles - away[..., :2], middles + away[..., 2:]], -1), said[..., 4:]


def cells(images):
    """The middle `[A, 2]` of every cell."""
    middles = (torch.arange(images.shape[-1] // STRIDE, device=images.device) + 0.5) * STRIDE
    y, x = torch.meshgrid(middles, middles, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)


def owners(middles, boxes):
    """For each cell the smallest of the boxes that its middle lies in, or -1."""
    low, high = boxes.split(2, -1)
    inside = ((middles[:, None] > low) & (middles[:, None] < high)).all(-1)
    areas = torch.where(inside, (high - low).prod(-1), torch.inf)
    if not len(boxes):
        return torch.full((len(middles),), -1, device=middles.device)
    smallest, which = areas.min(1)
    return torch.where(smallest.isfinite(), which, -1)


class Cells:
    """How the answers of the network are learnt from and read."""

    output, outputs, losses = "boxes", ["boxes", "scores"], ("class_loss", "box_loss")

    def learn(self, model, pixels, boxes):
        class_loss = box_loss = pixels.new_zeros(())
        for one, corners, logits in zip(boxes, *model(pixels), strict=True):
            there, classes = (torch.from_numpy(part).to(pixels.device) for part in (one.corners, one.classes))
            owner = owners(cells(pixels), there)
            found = owner >= 0
            count, wanted = found.sum().clamp(min=1), torch.zeros_like(logits)
            wanted[found, classes[owner[found]]] = 1
            class_loss = class_loss + sigmoid_focal_loss(logits, wanted, reduction="sum") / count
            box_loss = box_loss + generalized_box_iou_loss(corners[found], there[owner[found]], reduction="sum") / count
        return [class_loss / len(boxes), box_loss / len(boxes)]

    def see(self, model, pixels):
        return [surest(*one) for one in zip(*model(pixels), strict=True)]

    def for_onnx(self, model, side):
        return Scored(model)


class Scored(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        boxes, logits = self.model(images)
        return boxes, logits.sigmoid()


def surest(boxes, logits):
    """Every object once."""
    scores, places = logits.sigmoid().flatten().topk(min(LOOKED_AT, logits.numel()))
    boxes, classes = boxes[places // logits.shape[1]], places % logits.shape[1]
    kept = batched_nms(boxes, scores, classes, 0.6)[:KEPT]
    return boxes[kept], scores[kept], classes[kept]


class Own:
    name, licence = ABOUT["name"], ABOUT["licence"]

    def describe(self):
        models = [Model(name, "detect", 320) for name in MODELS]
        return Description(self.name, "1.0.0", self.licence, "exact", ["fp32"], DEVICES, models)

    def train(self, spec, work, resume, voice, interrupt):
        options = settled({}, spec.config.options)
        return dense.train(self, ("detect",), spec, work, resume, voice, interrupt, options)

    def export(self, weights, out):
        dense.export(self, weights, out)

    # What the sdk asks of a framework.

    def build(self, model, task, classes, image_size):
        if model not in MODELS:
            raise config_failure(f"there is no model {model!r}", f"choose {' or '.join(MODELS)}")
        if image_size % STRIDE:
            near = max(image_size // STRIDE, 1) * STRIDE
            raise config_failure(f"image_size {image_size} is no multiple of {STRIDE}", f"set it to {near}")
        return Network(MODELS[model], classes), Cells()

    def statistics(self, task, model):
        return IMAGENET

    def native(self, tensors, model):
        return tensors


main(Own.name, Own)
