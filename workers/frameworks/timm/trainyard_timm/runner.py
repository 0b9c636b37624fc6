"""How timm's networks are built, started, frozen and decayed."""

import os
import sys
from pathlib import Path
from typing import Any

# A trainer fetches nothing: the agent has done that. Before timm is imported, which reads it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from timm.optim import param_groups_layer_decay
from torch import Tensor, nn
from trainyard_sdk import classifiers, weights
from trainyard_sdk.card import DEVICES, Description, number
from trainyard_sdk.classifiers import FREEZE, PRECISION, Options
from trainyard_sdk.failure import config_failure
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import ANSWERS
from trainyard_sdk.spec import Spec
from trainyard_sdk.squares import Triple

import timm


class Timm:
    name = "timm"
    licence = "Apache-2.0"
    options: dict[str, dict[str, Any]] = {
        "freeze": FREEZE,
        "layer_decay": number("each layer learns at this part of the rate of the one above it", 0.1, 1.0, 1.0),
        "drop_path": number("chance that a residual branch is left out while training", 0.0, 0.9, 0.0),
        "precision": PRECISION,
        "answers": ANSWERS,
    }

    def describe(self) -> Description:
        from .catalog import models

        precisions = list(PRECISION["choices"])
        return Description(
            self.name, timm.__version__, self.licence, "exact", precisions, DEVICES, models(), self.options
        )

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        return classifiers.train(self, spec, work, resume, voice, interrupt)

    def export(self, path: Path, out: Path) -> None:
        classifiers.export(self, path, out)

    def build(self, model: str, classes: int, image_size: int, options: Options) -> nn.Module:
        if not timm.is_model(model) or "/" in model or ":" in model:
            raise config_failure(f"timm {timm.__version__} has no model {model!r}", "choose one that describe lists")
        published = timm.get_pretrained_cfg(model, allow_unregistered=True)
        special: dict[str, Any] = {}
        if published and published.fixed_input_size and image_size != published.input_size[-1]:
            special["img_size"] = image_size
        if options["drop_path"]:
            special["drop_path_rate"] = options["drop_path"]
        try:
            return timm.create_model(model, pretrained=False, num_classes=classes, **special)
        except (TypeError, AssertionError, ValueError, RuntimeError) as error:
            said = f"{model} cannot be built with {_in_words(special)}{classes} classes ({error})"
            size = published.input_size[-1] if published else 224
            raise config_failure(said, f"set image_size to {size} and drop_path to 0") from error

    def head(self, model: Any) -> nn.Module:
        head = model.get_classifier()
        return nn.ModuleList(head) if isinstance(head, (tuple, list)) else head

    def published_statistics(self, model: Any) -> tuple[Triple, Triple]:
        return tuple(model.pretrained_cfg["mean"]), tuple(model.pretrained_cfg["std"])

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        """Each family of timm knows the names of others, and how to bring its positions to another size."""
        convert = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
        return weights.by_place(dict(convert(dict(tensors), model)) if convert else tensors, model)

    def to_export(self, model: nn.Module) -> nn.Module:
        """Attention in plain operations: the fused one takes what ONNX has no counterpart for."""
        for module in model.modules():
            if hasattr(module, "fused_attn"):
                module.fused_attn = False
        return model

    def rates(self, model: Any, options: Options) -> tuple[dict[str, float], set[str]]:
        spared = set(model.no_weight_decay()) if hasattr(model, "no_weight_decay") else set()
        if options["layer_decay"] == 1.0:
            return {}, spared
        if not hasattr(model, "group_matcher"):
            raise config_failure(f"{type(model).__name__} does not name its layers", "set layer_decay to 1")
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        groups = param_groups_layer_decay(model, layer_decay=options["layer_decay"])
        scales = {names[id(parameter)]: group["lr_scale"] for group in groups for parameter in group["params"]}
        return scales, spared


def _in_words(special: dict[str, Any]) -> str:
    return "".join(f"{name} {value}, " for name, value in special.items())
