"""LibreYOLO behind the three commands of a trainer."""

from importlib.metadata import version
from pathlib import Path

from torch import Tensor, nn
from trainyard_sdk import dense
from trainyard_sdk.card import DEVICES, Description, settled
from trainyard_sdk.dense import Lens
from trainyard_sdk.failure import config_failure
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import ANSWERS
from trainyard_sdk.spec import Spec
from trainyard_sdk.squares import Triple

from .catalog import FAMILIES, NAMES, models
from .heads import Head

_TASKS = ("detect", "segment", "pose")
# The coarsest cells, in pixels.
_COARSEST = 32


class LibreYolo:
    name = "libreyolo"
    licence = "MIT"
    options = {"answers": ANSWERS}

    def describe(self) -> Description:
        made_by = version("libreyolo")
        return Description(self.name, made_by, self.licence, "exact", ["fp32"], DEVICES, models(), self.options)

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        options = settled(self.options, spec.config.options)
        return dense.train(self, _TASKS, spec, work, resume, voice, interrupt, options, segments="objects")

    def export(self, weights: Path, out: Path) -> None:
        dense.export(self, weights, out)

    def build(self, model: str, task: str, classes: int, image_size: int) -> tuple[nn.Module, Lens]:
        return self._build(model, task, classes, 0, image_size)

    def build_pose(self, model: str, classes: int, points: int, image_size: int) -> tuple[nn.Module, Head]:
        return self._build(model, "pose", classes, points, image_size)

    def _build(self, model: str, task: str, classes: int, points: int, image_size: int) -> tuple[nn.Module, Head]:
        offered = [name for name, (family, _) in NAMES.items() if family.task == task]
        if model not in offered:
            raise config_failure(f"there is no model {model!r} here that can {task}", f"choose {', '.join(offered)}")
        if image_size % _COARSEST:
            near = max(image_size // _COARSEST, 1) * _COARSEST
            raise config_failure(f"image_size {image_size} is no multiple of {_COARSEST}", f"set image_size to {near}")
        family, size = NAMES[model]
        return family.build(size, classes, points, image_size), family.head()

    def statistics(self, task: str, model: str) -> tuple[Triple, Triple]:
        family, _ = NAMES[model]
        return family.statistics

    def native(self, tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
        return _red_first(_shared(tensors, model), model)


def _shared(tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """A layer that several levels share has many names, and published files know one of them."""
    given, mine = dict(tensors), model.state_dict()
    known = {mine[name].data_ptr(): value for name, value in tensors.items() if name in mine and mine[name].numel()}
    for name, value in mine.items():
        if name not in given and value.data_ptr() in known:
            given[name] = known[value.data_ptr()]
    return given


def _red_first(tensors: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Of the families that see blue first, the first layer: YOLOX's sees four pixels at once, and that of YOLO-NAS has
    branches."""
    if not any(family.is_blue_first and isinstance(model, family.network) for family in FAMILIES.values()):
        return tensors
    seeing = [name for name, own in model.state_dict().items() if own.dim() == 4 and own.shape[1] in (3, 12)]
    colours = tensors[seeing[0]].shape[1] if seeing[0] in tensors else 0
    return {
        name: _turned(value) if name in seeing and value.shape[1] == colours else value for name, value in tensors.items()
    }


def _turned(value: Tensor) -> Tensor:
    colours = value.view(value.shape[0], -1, 3, *value.shape[2:])
    return colours.flip(2).reshape(value.shape)
