"""OpenMMLab behind the three commands of a trainer."""

import warnings
from pathlib import Path
from typing import Any

from .operations import stand_in

stand_in()

import mmdet.models  # noqa: F401  It registers what configurations name.
from mmdet.registry import MODELS
from mmengine.config import Config
from mmengine.logging import MMLogger
from torch import Tensor, nn
from trainyard_sdk import dense
from trainyard_sdk.card import IMAGENET, Description, settled
from trainyard_sdk.dense import Lens
from trainyard_sdk.failure import config_failure
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.protocol import Voice
from trainyard_sdk.spec import Spec
from trainyard_sdk.squares import Triple

import mmdet

from .catalog import configurations, models
from .heads import Head

# The coarsest cells, in pixels.
_COARSEST = 32


class OpenMMLab:
    name = "openmmlab"
    licence = "Apache-2.0"

    def describe(self) -> Description:
        version = mmdet.__version__
        return Description(self.name, version, self.licence, "exact", ["fp32"], ["cpu", "gpu"], models())

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        options = settled({}, spec.config.options)
        return dense.train(self, ("detect",), spec, work, resume, voice, interrupt, options)

    def export(self, weights: Path, out: Path) -> None:
        dense.export(self, weights, out)

    def build(self, model: str, task: str, classes: int, image_size: int) -> tuple[nn.Module, Lens]:
        known = configurations()
        if model not in known:
            raise config_failure(f"there is no model {model!r} that can {task}", f"choose one of {', '.join(known)}")
        if image_size % _COARSEST:
            near = max(image_size // _COARSEST, 1) * _COARSEST
            raise config_failure(f"image_size {image_size} is no multiple of {_COARSEST}", f"set image_size to {near}")
        told = _ours(Config.fromfile(known[model]).model.to_dict())
        told["bbox_head"]["num_classes"] = classes
        # What scales pixels for them: that is done already.
        del told["data_preprocessor"]
        # Of every tensor it would say how it was drawn.
        MMLogger.get_current_instance().setLevel("WARNING")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            built = MODELS.build(told)
            built.init_weights()
        return built, Head(is_yolox=model.startswith("yolox"))

    def statistics(self, task: str, model: str) -> tuple[Triple, Triple]:
        """YOLOX sees bytes as they are."""
        return ((0.0,) * 3, (1 / 255,) * 3) if model.startswith("yolox") else IMAGENET

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        """Published ones see blue first; YOLOX's first layer sees four pixels at once."""
        for name, value in tensors.items():
            if name.startswith("backbone.stem.") and value.dim() == 4 and value.shape[1] in (3, 12):
                colours = value.view(value.shape[0], -1, 3, *value.shape[2:])
                return {**tensors, name: colours.flip(2).reshape(value.shape)}
        return tensors


def _ours(told: Any) -> Any:
    """A configuration for one process and a random start: statistics of its own batches, and nothing fetched."""
    if isinstance(told, list):
        return [_ours(one) for one in told]
    if not isinstance(told, dict):
        return told
    kept = {name: _ours(value) for name, value in told.items() if not (name == "init_cfg" and _is_fetched(value))}
    return {**kept, "type": "BN"} if kept.get("type") == "SyncBN" else kept


def _is_fetched(init: Any) -> bool:
    return isinstance(init, dict) and init.get("type") == "Pretrained"
