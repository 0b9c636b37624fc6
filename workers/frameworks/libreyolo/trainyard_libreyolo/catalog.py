"""The families that are offered: their sizes, sides and files are the package's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from libreyolo.models.picodet.nn import LibrePICODETModel
from libreyolo.models.rtmdet.nn import LibreRTMDetModel
from libreyolo.models.yolo9.nn import LibreYOLO9Model
from libreyolo.models.yolox.nn import LibreYOLOXModel
from torch import nn
from trainyard_sdk.card import IMAGENET, NOT_KNOWN, Model, Pretrained
from trainyard_sdk.squares import Triple

from libreyolo import LibrePICODET, LibreRTMDet, LibreYOLO9, LibreYOLOX

from .heads import Head, Pico, RtmDet, Yolo9, YoloX

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
    licence: str

    def build(self, size: str, classes: int) -> nn.Module:
        """From a random start, that hardly anything is there."""
        made: nn.Module = self.network(size, **{self.count: classes})
        if isinstance(made, LibreYOLOXModel):
            # The others draw their heads so by themselves.
            made.init_weights()
        return made

    def pretrained(self, size: str) -> Pretrained:
        name = f"{self.published.FILENAME_PREFIX}{size}"
        return Pretrained("coco", f"hf://LibreYOLO/{name}/{name}{self.published.WEIGHT_EXT}", self.licence)


# Licences of code and weights as `NOTICE`, `THIRD_PARTY_NOTICES.txt` and `weights/LICENSE_NOTICE.txt` of the package say.
# Nobody says one for the weights of PicoDet; its code is under the Apache-2.0 licence.
FAMILIES = {
    "yolo9": Family(LibreYOLO9, LibreYOLO9Model, "nb_classes", Yolo9, _UNIT, False, "MIT"),
    "yolox": Family(LibreYOLOX, LibreYOLOXModel, "nb_classes", YoloX, _BYTES, True, "Apache-2.0"),
    "rtmdet": Family(LibreRTMDet, LibreRTMDetModel, "nc", RtmDet, IMAGENET, True, "Apache-2.0"),
    "picodet": Family(LibrePICODET, LibrePICODETModel, "nb_classes", Pico, IMAGENET, False, NOT_KNOWN),
}

# By name: the family and its size, the smallest first.
NAMES = {f"{name}-{size}": (family, size) for name, family in FAMILIES.items() for size in family.published.INPUT_SIZES}


def models() -> list[Model]:
    return [
        Model(name, "detect", family.published.INPUT_SIZES[size], [family.pretrained(size)])
        for name, (family, size) in NAMES.items()
    ]
