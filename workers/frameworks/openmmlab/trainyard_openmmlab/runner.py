"""OpenMMLab behind the three commands of a trainer."""

import warnings
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .operations import stand_in

stand_in()

# They register what configurations name.
import mmdet.models
import mmseg.models  # noqa: F401
from mmdet.registry import MODELS as DETECTORS
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmseg.registry import MODELS as SEGMENTERS
from torch import Tensor, nn
from trainyard_sdk import dense
from trainyard_sdk.card import DEVICES, IMAGENET, Description, settled
from trainyard_sdk.dense import Lens
from trainyard_sdk.failure import config_failure
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import ANSWERS
from trainyard_sdk.spec import Spec
from trainyard_sdk.squares import Triple

import mmdet

from .catalog import configurations, models
from .cells import Cells
from .heads import Head

# The coarsest cells, in pixels.
_COARSEST = 32
# Names that are told to whoever gave none of ours.
_NAMED = 8


class OpenMMLab:
    name = "openmmlab"
    licence = "Apache-2.0"
    options = {"answers": ANSWERS}

    def describe(self) -> Description:
        version = mmdet.__version__
        return Description(self.name, version, self.licence, "exact", ["fp32"], DEVICES, models(), self.options)

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        options = settled(self.options, spec.config.options)
        return dense.train(self, ("detect", "segment"), spec, work, resume, voice, interrupt, options)

    def export(self, weights: Path, out: Path) -> None:
        dense.export(self, weights, out)

    def build(self, model: str, task: str, classes: int, image_size: int) -> tuple[nn.Module, Lens]:
        known = configurations(task)
        if model not in known:
            near = ", ".join(get_close_matches(model, known, _NAMED, 0.0))
            raise config_failure(f"there is no model {model!r} that can {task}", f"choose one such as {near}")
        if image_size % _COARSEST:
            near = max(image_size // _COARSEST, 1) * _COARSEST
            raise config_failure(f"image_size {image_size} is no multiple of {_COARSEST}", f"set image_size to {near}")
        told = _ours(Config.fromfile(known[model]).model.to_dict())
        # What scales pixels for them: that is done already.
        told.pop("data_preprocessor", None)
        if task == "detect":
            told["bbox_head"]["num_classes"] = classes
            return _built(DETECTORS, told), Head(is_yolox=model.startswith("yolox"))
        # A second head would only help the first one to learn, with a loss of its own.
        told = {**told, "auxiliary_head": None, "decode_head": {**told["decode_head"], "num_classes": classes}}
        return _built(SEGMENTERS, told), Cells()

    def statistics(self, task: str, model: str) -> tuple[Triple, Triple]:
        """YOLOX sees bytes as they are."""
        return ((0.0,) * 3, (1 / 255,) * 3) if model.startswith("yolox") else IMAGENET

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        """Published detectors see blue first; YOLOX's first layer sees four pixels at once."""
        if not hasattr(model, "bbox_head"):
            return tensors
        for name, value in tensors.items():
            if name.startswith("backbone.stem.") and value.dim() == 4 and value.shape[1] in (3, 12):
                colours = value.view(value.shape[0], -1, 3, *value.shape[2:])
                return {**tensors, name: colours.flip(2).reshape(value.shape)}
        return tensors


def _built(registry: Any, told: dict[str, Any]) -> Any:
    """From a random start."""
    # Of every tensor it would say how it was drawn.
    MMLogger.get_current_instance().setLevel("WARNING")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = registry.build(told)
        built.init_weights()
    return built


def _ours(told: Any) -> Any:
    """A configuration for one process and a random start: statistics of its own batches, and nothing fetched."""
    if isinstance(told, list):
        return [_ours(one) for one in told]
    if not isinstance(told, dict):
        return told
    kept = {name: _ours(value) for name, value in told.items() if not _is_fetched(name, value)}
    return {**kept, "type": "BN"} if kept.get("type") == "SyncBN" else kept


def _is_fetched(name: str, value: Any) -> bool:
    """Weights that the package would fetch by itself."""
    return name == "pretrained" or (name == "init_cfg" and isinstance(value, dict) and value.get("type") == "Pretrained")
