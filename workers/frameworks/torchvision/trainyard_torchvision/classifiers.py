"""How torchvision's classifiers are built and started."""

import inspect
from typing import Any

from torch import Tensor, nn
from torchvision.models import get_model, get_model_builder, list_models
from torchvision.models.vision_transformer import interpolate_embeddings
from trainyard_sdk.card import IMAGENET
from trainyard_sdk.classifiers import FREEZE, PRECISION, Options
from trainyard_sdk.failure import config_failure
from trainyard_sdk.quantized import ANSWERS
from trainyard_sdk.squares import Triple

import torchvision


class Classifiers:
    name = "torchvision"
    licence = "BSD-3-Clause"
    options: dict[str, dict[str, Any]] = {"freeze": FREEZE, "precision": PRECISION, "answers": ANSWERS}

    def build(self, model: str, classes: int, image_size: int, options: Options) -> nn.Module:
        if model not in list_models(module=torchvision.models):
            raise config_failure(f"torchvision has no classifier {model!r}", "choose one that describe lists")
        special: dict[str, Any] = {}
        if model.startswith("vit_"):
            special["image_size"] = image_size
        if model.startswith("maxvit"):
            special["input_size"] = (image_size, image_size)
        # Their further heads are for training from nothing, and are no part of what is served.
        if "init_weights" in _parameters(model):
            special |= {"aux_logits": False, "init_weights": True}
        try:
            return get_model(model, weights=None, num_classes=classes, **special)
        except (ValueError, RuntimeError, AssertionError) as error:
            raise config_failure(
                f"{model} cannot be built for {image_size} pixels ({error})", "set image_size to 224"
            ) from error

    def head(self, model: nn.Module) -> nn.Module:
        for name in ("fc", "classifier", "heads", "head"):
            if hasattr(model, name):
                found: nn.Module = getattr(model, name)
                return found
        raise config_failure(f"{type(model).__name__} has no head that is known", "set freeze to none")

    def published_statistics(self, model: nn.Module) -> tuple[Triple, Triple]:
        return IMAGENET

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        """Positions of a vision transformer are brought to another size."""
        if isinstance(model, torchvision.models.VisionTransformer) and "encoder.pos_embedding" in tensors:
            return dict(interpolate_embeddings(model.image_size, model.patch_size, dict(tensors)))
        return tensors

    def to_export(self, model: nn.Module) -> nn.Module:
        return model

    def rates(self, model: nn.Module, options: Options) -> tuple[dict[str, float], set[str]]:
        positions = ("class_token", "pos_embedding", "relative_position_bias_table")
        return {}, {name for name, _ in model.named_parameters() if name.endswith(positions)}


def _parameters(model: str) -> set[str]:
    names = set(inspect.signature(get_model_builder(model)).parameters)
    return names | ({"init_weights"} if model in ("googlenet", "inception_v3") else set())
