"""How a memory is built on a network of timm, surveyed and exported."""

import os
import sys
from pathlib import Path
from typing import Any

# A trainer fetches nothing: the agent has done that. Before timm is imported, which reads it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from torch import Tensor
from trainyard_sdk import weights
from trainyard_sdk.attempt import open_manifest, split_in_words, start_from
from trainyard_sdk.card import Card, Description, Preprocessing, number, settled
from trainyard_sdk.failure import Failure, config_failure
from trainyard_sdk.finish import finish, try_onnx
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.onnx_file import write_onnx
from trainyard_sdk.protocol import Voice
from trainyard_sdk.spec import Spec
from trainyard_sdk.training import Network

import timm

from .catalog import BACKBONES, PREFIX
from .features import Features, check
from .lesson import THRESHOLD, Anomalies
from .memory import PatchCore
from .survey import Survey, places_of_each

_FALSE_ALARMS = "part of the good images that may count as anomalous: the threshold is where it is no more"
_MEMORY = "places of good images that are remembered: more tell finer, and cost time with each answer"


class Anomaly:
    name = "anomaly"
    licence = "Apache-2.0"
    options: dict[str, dict[str, Any]] = {
        "false_alarms": number(_FALSE_ALARMS, 0.0, 0.5, 0.01),
        "memory": {"about": _MEMORY, "type": "integer", "low": 50, "high": 20_000, "default": 2_000},
    }

    def describe(self) -> Description:
        from .catalog import models

        return Description(
            self.name, timm.__version__, self.licence, "exact", ["fp32"], ["cpu", "gpu"], models(), self.options
        )

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        options = settled(self.options, spec.config.options)
        manifest = open_manifest(spec, ("anomaly",))
        hardware = Hardware(spec.config.device, spec.threads)
        lesson = Anomalies(spec, manifest)
        torch.manual_seed(spec.config.seed)
        features = self._features(spec.config.model)
        images = lesson.count("train")
        each = min(places_of_each(images, options["memory"]), check(features, spec.config.image_size))
        notes = {"split": split_in_words(manifest)}
        if spec.initial_weights:
            notes["initial_weights"], theirs = start_from(
                features.backbone, spec.initial_weights, lambda tensors, _: _native(tensors, features.name)
            )
            mean, std = theirs or self._published_statistics(spec.config.model)
        else:
            mean, std = lesson.statistics()
        preprocessing = Preprocessing(spec.config.image_size, spec.config.resize, mean, std, manifest.sample_bits)
        card = Card("anomaly", spec.config.model, manifest.classes, preprocessing, self.name, self.licence, THRESHOLD)
        model = PatchCore(features, min(options["memory"], each * images)).requires_grad_(False)
        network = Network(model, card, lesson, notes | {name: str(value) for name, value in options.items()})
        survey = Survey(spec, work, voice, interrupt, hardware, network, lesson, each, options["false_alarms"])
        if resume:
            survey.resume(resume)
        else:
            try_onnx(survey)
        survey.announce(manifest.classes)
        if not survey.run():
            return False
        interrupt.leave_at_once()
        finish(survey)
        return True

    def export(self, path: Path, out: Path) -> None:
        card, tensors = weights.load(path)
        if card.runner != self.name:
            raise config_failure(f"the weights are of {card.runner or 'trainyard'}", f"give weights that {self.name} has left")
        try:
            model = PatchCore(self._features(card.model), len(tensors["memory"]))
            model.load_state_dict(tensors)
        except (RuntimeError, KeyError) as error:
            raise Failure("config", "the weights do not fit the model of their card", "update the runner") from error
        size = card.preprocessing.image_size
        examples = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
        write_onnx(out, model, card, Anomalies.output, Anomalies.outputs, examples)

    def _features(self, model: str) -> Features:
        backbone = BACKBONES.get(model.removeprefix(PREFIX)) if model.startswith(PREFIX) else None
        if backbone is None or not timm.is_model(backbone):
            raise config_failure(f"there is no model {model!r} here", "choose one that describe lists")
        return Features(backbone)

    def _published_statistics(self, model: str) -> Any:
        published = timm.get_pretrained_cfg(BACKBONES[model.removeprefix(PREFIX)])
        return tuple(published.mean), tuple(published.std)


def _native(tensors: dict[str, Tensor], backbone: str) -> dict[str, Tensor]:
    """Those of the whole network, whatever framework they are from: what comes after the features is passed over."""
    whole: Any = timm.create_model(backbone, pretrained=False)
    convert = getattr(sys.modules[type(whole).__module__], "checkpoint_filter_fn", None)
    return weights.by_place(dict(convert(dict(tensors), whole)) if convert else tensors, whole)
