"""Transformers behind the three commands of a trainer."""

import os
from pathlib import Path

# A trainer fetches nothing: the agent has done that. Before transformers is imported, which reads it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from torch import Tensor, nn
from trainyard_sdk import dense
from trainyard_sdk.card import DEVICES, IMAGENET, Description, Model, Pretrained, settled
from trainyard_sdk.dense import Lens
from trainyard_sdk.failure import config_failure
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import ANSWERS
from trainyard_sdk.spec import Spec
from trainyard_sdk.squares import Triple

import transformers
from transformers import DFineForObjectDetection, SegformerForSemanticSegmentation

from . import dfine, segformer
from .lenses import Cells, Queries

# The coarsest cells of either, in pixels.
_COARSEST = 32
_TASKS = ("detect", "segment")


class Transformers:
    name = "transformers"
    licence = "Apache-2.0"
    options = {"answers": ANSWERS}

    def describe(self) -> Description:
        detectors = [Model(name, "detect", 640, [_coco(name)]) for name in dfine.SIZES]
        segmenters = [Model(name, "segment", 512, [_mit(name)]) for name in segformer.SIZES]
        version = transformers.__version__
        models = detectors + segmenters
        return Description(self.name, version, self.licence, "exact", ["fp32"], DEVICES, models, self.options)

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        options = settled(self.options, spec.config.options)
        return dense.train(self, _TASKS, spec, work, resume, voice, interrupt, options)

    def export(self, weights: Path, out: Path) -> None:
        dense.export(self, weights, out)

    def build(self, model: str, task: str, classes: int, image_size: int) -> tuple[nn.Module, Lens]:
        sizes = dfine.SIZES if task == "detect" else segformer.SIZES
        if model not in sizes:
            raise config_failure(f"there is no model {model!r} that can {task}", f"choose {', '.join(sizes)}")
        if image_size % _COARSEST:
            near = max(image_size // _COARSEST, 1) * _COARSEST
            raise config_failure(f"image_size {image_size} is no multiple of {_COARSEST}", f"set image_size to {near}")
        if task == "detect":
            return DFineForObjectDetection(dfine.configuration(model, classes, image_size)), Queries()
        return SegformerForSemanticSegmentation(segformer.configuration(model, classes)), Cells()

    def statistics(self, task: str, model: str) -> tuple[Triple, Triple]:
        """A detector sees pixels as they are, from 0 to 1."""
        return ((0.0,) * 3, (1.0,) * 3) if task == "detect" else IMAGENET

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        return tensors


def _coco(name: str) -> Pretrained:
    return Pretrained("coco", f"hf://ustc-community/{name}-coco/model.safetensors", "Apache-2.0")


def _mit(name: str) -> Pretrained:
    """The backbone, with ImageNet's classes."""
    source = f"hf://nvidia/mit-{name.removeprefix('segformer-')}/pytorch_model.bin"
    return Pretrained("imagenet", source, "LicenseRef-NVIDIA-SegFormer")
