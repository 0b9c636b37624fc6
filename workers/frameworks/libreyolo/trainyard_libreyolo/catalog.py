"""The families that are offered: their sizes, sides and files are the package's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from libreyolo.models.dfine.nn import LibreDFINEModel
from libreyolo.models.picodet.nn import LibrePICODETModel
from libreyolo.models.rtmdet.nn import LibreRTMDetModel
from libreyolo.models.yolo9.nn import LibreYOLO9Model
from libreyolo.models.yolonas.nn import LibreYOLONASPoseModel
from libreyolo.models.yolox.nn import LibreYOLOXModel
from libreyolo.tasks import task_to_suffix
from torch import nn
from trainyard_sdk.card import IMAGENET, NOT_KNOWN, Model, Pretrained
from trainyard_sdk.squares import Triple

from libreyolo import LibreDFINE, LibrePICODET, LibreRTMDet, LibreYOLO9, LibreYOLONAS, LibreYOLOX

from .heads import Head, Pico, RtmDet, Yolo9, YoloX
from .masks import FineMasks
from .poses import NasPoses

_UNIT: tuple[Triple, Triple] = ((0.0,) * 3, (1.0,) * 3)
_BYTES: tuple[Triple, Triple] = ((0.0,) * 3, (1 / 255,) * 3)


@dataclass(frozen=True)
class Family:
    """`published` is the class of the package that knows sizes and files, `licence` that of its weights."""

    published: Any
    network: Any
    # What the network calls the number of classes.
    count: str
    head: Callable[[], Head]
    statistics: tuple[Triple, Triple]
    # Whether published networks see blue first.
    is_blue_first: bool
    # None where not everyone may use them: they are not offered.
    licence: str | None
    task: str = "detect"

    @property
    def sizes(self) -> dict[str, int]:
        """Sides of squares by the names of sizes, the smallest first."""
        sizes: dict[str, int] = self.published.TASK_INPUT_SIZES.get(self.task) or self.published.INPUT_SIZES
        return sizes

    @property
    def suffix(self) -> str:
        """Of a model's name."""
        known = task_to_suffix(self.task)
        return f"-{known}" if known else ""

    def build(self, size: str, classes: int, points: int, side: int) -> nn.Module:
        """From a random start, that hardly anything is there."""
        made: nn.Module = self.network(size, **{self.count: classes})
        if isinstance(made, LibreYOLOXModel):
            # The others draw their heads so by themselves.
            made.init_weights()
        return made

    def pretrained(self, size: str) -> list[Pretrained]:
        if self.licence is None:
            return []
        name = f"{self.published.FILENAME_PREFIX}{size}{self.suffix}"
        return [Pretrained("coco", f"hf://LibreYOLO/{name}/{name}{self.published.WEIGHT_EXT}", self.licence)]


class Fine(Family):
    def build(self, size: str, classes: int, points: int, side: int) -> nn.Module:
        """All of it learns, and it makes its places anew for every square, so that they are no part of the weights."""
        made = LibreDFINEModel(size, classes, eval_spatial_size=None, enable_mask_head=True, train_from_scratch=True)
        decoder = made.decoder
        decoder.num_queries = min(decoder.num_queries, sum((side // stride) ** 2 for stride in decoder.feat_strides))
        return cast(nn.Module, made)


class Nas(Family):
    def build(self, size: str, classes: int, points: int, side: int) -> nn.Module:
        return cast(nn.Module, LibreYOLONASPoseModel(size, num_keypoints=points, num_classes=classes))


# Licences of code and weights as `NOTICE`, `THIRD_PARTY_NOTICES.txt` and `weights/LICENSE_NOTICE.txt` of the package say.
# Nobody says one for the weights of PicoDet; its code is under the Apache-2.0 licence, as is that of YOLO-NAS, whose weights
# are not for commerce.
FAMILIES = {
    "yolo9": Family(LibreYOLO9, LibreYOLO9Model, "nb_classes", Yolo9, _UNIT, False, "MIT"),
    "yolox": Family(LibreYOLOX, LibreYOLOXModel, "nb_classes", YoloX, _BYTES, True, "Apache-2.0"),
    "rtmdet": Family(LibreRTMDet, LibreRTMDetModel, "nc", RtmDet, IMAGENET, True, "Apache-2.0"),
    "picodet": Family(LibrePICODET, LibrePICODETModel, "nb_classes", Pico, IMAGENET, False, NOT_KNOWN),
    "dfine": Fine(LibreDFINE, LibreDFINEModel, "nb_classes", FineMasks, _UNIT, False, "Apache-2.0", "segment"),
    "yolonas": Nas(LibreYOLONAS, LibreYOLONASPoseModel, "num_classes", NasPoses, _UNIT, True, None, "pose"),
}

# By name: the family and its size.
NAMES = {f"{name}-{size}{family.suffix}": (family, size) for name, family in FAMILIES.items() for size in family.sizes}


def models() -> list[Model]:
    return [Model(name, family.task, family.sizes[size], family.pretrained(size)) for name, (family, size) in NAMES.items()]
