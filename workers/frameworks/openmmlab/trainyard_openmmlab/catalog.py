"""The detectors that are offered: by name the configuration of the package, and where its published weights lie."""

import re
from functools import cache
from pathlib import Path

import mmdet
import yaml
from trainyard_sdk.card import NOT_KNOWN, Model, Pretrained

CONFIGS = Path(mmdet.__file__).parent / ".mim" / "configs"
FAMILIES = ("rtmdet", "yolox")
# Those that were trained on COCO as their papers say; the others of a folder are variations of them.
_PUBLISHED = re.compile(r"((?:rtmdet|yolox)_(?:nano|tiny|s|m|l|x))_8xb(?:32|8)-300e_coco")
_SIDE = 640


@cache
def configurations() -> dict[str, Path]:
    """Where the configuration of each name is, the smallest first."""
    found = {}
    for family in FAMILIES:
        for path in (CONFIGS / family).glob("*.py"):
            if told := _PUBLISHED.fullmatch(path.stem):
                found[told[1]] = path
    sizes = ["nano", "tiny", "s", "m", "l", "x"]
    return dict(sorted(found.items(), key=lambda one: (one[0].split("_")[0], sizes.index(one[0].split("_")[1]))))


def models() -> list[Model]:
    weights = _weights()
    return [
        Model(name, "detect", _SIDE, [Pretrained("coco", weights[path.name], NOT_KNOWN)] if path.name in weights else [])
        for name, path in configurations().items()
    ]


def _weights() -> dict[str, str]:
    """By the name of the configuration's file, as the families tell."""
    told = [yaml.safe_load((CONFIGS / family / "metafile.yml").read_text("utf-8")) for family in FAMILIES]
    every = [model for one in told for model in one["Models"] if "Weights" in model]
    return {Path(model["Config"]).name: model["Weights"] for model in every}
