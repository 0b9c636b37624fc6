"""What torchvision has, in the words of `describe`."""

from torchvision.models import get_model_weights, list_models
from trainyard_sdk.card import NOT_KNOWN, Model, Pretrained

import torchvision

from .detectors import SIDES


def models() -> list[Model]:
    classifiers = [
        Model(name, "classify", _side(name), _pretrained(name)) for name in list_models(module=torchvision.models)
    ]
    return classifiers + [Model(name, "detect", side, _pretrained(name)) for name, side in SIDES.items()]


def _pretrained(name: str) -> list[Pretrained]:
    weights = get_model_weights(name)
    default = getattr(weights, "DEFAULT", None)
    ordered = sorted(weights, key=lambda one: one is not default)
    return [Pretrained(one.name.lower(), one.url, _licence(one.name)) for one in ordered]


def _licence(name: str) -> str:
    """torchvision names one only for the weights that SWAG has given it."""
    return "CC-BY-NC-4.0" if "SWAG" in name else NOT_KNOWN


def _side(name: str) -> int:
    default = getattr(get_model_weights(name), "DEFAULT", None)
    return default.transforms().crop_size[0] if default else 224
