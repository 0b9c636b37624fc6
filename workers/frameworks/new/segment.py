"""A segmenter of your own behind the three commands of a trainer: describe, train, export."""

import tomllib
from pathlib import Path

import torch
from torch import nn
from trainyard_sdk import dense
from trainyard_sdk.card import DEVICES, IMAGENET, Description, Model, settled
from trainyard_sdk.command import main
from trainyard_sdk.failure import config_failure

ABOUT = tomllib.loads(Path(__file__).with_name("runner.toml").read_text("utf-8"))
# By name: the channels of the first layer.
MODELS = {"small": 32, "large": 64}


def layer(inputs, outputs, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Network(nn.Module):
    """`[N, 3, S, S]` to logits `[N, C, S / 4, S / 4]`: what is seen near and far of each cell, together."""

    def __init__(self, width, classes):
        super().__init__()
        self.near = nn.Sequential(layer(3, width, 2), layer(width, 2 * width, 2), layer(2 * width, 2 * width))
        self.far = nn.Sequential(layer(2 * width, 4 * width, 2), layer(4 * width, 4 * width), nn.Upsample(scale_factor=2))
        self.head = nn.Conv2d(6 * width, classes, 1)

    def forward(self, images):
        near = self.near(images)
        return self.head(torch.cat([near, self.far(near)], 1))


class Cells:
    """What the answers of the network are."""

    output, outputs = "pixels", ["logits"]

    def logits(self, model, pixels):
        return model(pixels)

    def for_onnx(self, model, side):
        return model


class Own:
    name, licence = ABOUT["name"], ABOUT["licence"]

    def describe(self):
        models = [Model(name, "segment", 256) for name in MODELS]
        return Description(self.name, "1.0.0", self.licence, "exact", ["fp32"], DEVICES, models)

    def train(self, spec, work, resume, voice, interrupt):
        options = settled({}, spec.config.options)
        return dense.train(self, ("segment",), spec, work, resume, voice, interrupt, options)

    def export(self, weights, out):
        dense.export(self, weights, out)

    # What the sdk asks of a framework.

    def build(self, model, task, classes, image_size):
        if model not in MODELS:
            raise config_failure(f"there is no model {model!r}", f"choose {' or '.join(MODELS)}")
        if image_size % 8:
            raise config_failure(f"image_size {image_size} is no multiple of 8", f"set it to {max(image_size // 8, 1) * 8}")
        return Network(MODELS[model], classes), Cells()

    def statistics(self, task, model):
        return IMAGENET

    def native(self, tensors, model):
        return tensors


main(Own.name, Own)
