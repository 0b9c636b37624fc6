"""A classifier of your own behind the three commands of a trainer: describe, train, export."""

import tomllib
from pathlib import Path

from torch import nn
from trainyard_sdk import classifiers
from trainyard_sdk.card import DEVICES, IMAGENET, Description, Model
from trainyard_sdk.classifiers import FREEZE, PRECISION
from trainyard_sdk.command import main
from trainyard_sdk.failure import config_failure

ABOUT = tomllib.loads(Path(__file__).with_name("runner.toml").read_text("utf-8"))
# By name: the channels of the first layer.
MODELS = {"small": 32, "large": 64}


def layer(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def network(width, classes):
    body = [layer(3, width), layer(width, 2 * width), layer(2 * width, 4 * width)]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, classes))


class Own:
    name, licence = ABOUT["name"], ABOUT["licence"]
    options = {"freeze": FREEZE, "precision": PRECISION}

    def describe(self):
        models = [Model(name, "classify", 64) for name in MODELS]
        precisions = list(PRECISION["choices"])
        return Description(self.name, "1.0.0", self.licence, "exact", precisions, DEVICES, models, self.options)

    def train(self, spec, work, resume, voice, interrupt):
        return classifiers.train(self, spec, work, resume, voice, interrupt)

    def export(self, weights, out):
        classifiers.export(self, weights, out)

    # What the sdk asks of a framework.

    def build(self, model, classes, image_size, options):
        if model not in MODELS:
            raise config_failure(f"there is no model {model!r}", f"choose {' or '.join(MODELS)}")
        return network(MODELS[model], classes)

    def head(self, model):
        return model[-1]

    def published_statistics(self, model):
        return IMAGENET

    def native(self, tensors, model):
        return tensors

    def to_export(self, model):
        return model

    def rates(self, model, options):
        return {}, set()


main(Own.name, Own)
