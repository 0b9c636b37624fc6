"""What is offered: by name the configuration of its package, and where its published weights lie."""

import re
from functools import cache
from pathlib import Path

import mmdet
import mmseg
import yaml
from trainyard_sdk.card import NOT_KNOWN, Model, Pretrained

_CONFIGS = {"detect": Path(mmdet.__file__), "segment": Path(mmseg.__file__)}
# Those that were trained on COCO as their papers say; the others of a folder are variations of them.
_DETECTOR = re.compile(r"((?:rtmdet|yolox)_(?:nano|tiny|s|m|l|x))_8xb(?:32|8)-300e_coco")
_DETECTORS = ("rtmdet", "yolox")
# Network, thousands of iterations, dataset and size. The same network was trained in many ways: of those one is offered.
_SEGMENTER = re.compile(r"(.+)_\d+xb\d+-(?:adamw-)?(\d+)k_(ade20k|cityscapes)-(\d+)x(\d+)")
# Whose networks are made of layers that every exporter knows, and say one class of each cell.
_SEGMENTERS = (
    "segformer",
    "deeplabv3plus",
    "deeplabv3",
    "pspnet",
    "upernet",
    "fcn",
    "hrnet",
    "sem_fpn",
    "twins",
    "mobilenet_v2",
    "mobilenet_v3",
    "fastscnn",
    "bisenetv2",
    "stdc",
    "erfnet",
    "cgnet",
)
_SIDES = {"detect": 640, "segment": 512}
# Published SegFormers are NVIDIA's, for research.
_LICENCES = {"segformer": "LicenseRef-NVIDIA-SegFormer"}


def configurations(task: str) -> dict[str, Path]:
    """Where the configuration of each name is: detectors the smallest first, segmenters by family."""
    return _detectors() if task == "detect" else _segmenters()


@cache
def _detectors() -> dict[str, Path]:
    found = {}
    for path in _of("detect", _DETECTORS):
        if told := _DETECTOR.fullmatch(path.stem):
            found[told[1]] = path
    sizes = ["nano", "tiny", "s", "m", "l", "x"]
    return dict(sorted(found.items(), key=lambda one: (one[0].split("_")[0], sizes.index(one[0].split("_")[1]))))


@cache
def _segmenters() -> dict[str, Path]:
    found: dict[str, tuple[tuple[bool, bool, int], Path]] = {}
    for path in _of("segment", _SEGMENTERS):
        if told := _SEGMENTER.fullmatch(path.stem):
            name, iterations, dataset, width, height = told.groups()
            # Everyday scenes before streets, squares before others, longer before shorter.
            rank = (dataset == "ade20k", width == height, int(iterations))
            if name not in found or rank > found[name][0]:
                found[name] = (rank, path)
    return {name: path for name, (_, path) in found.items()}


def _of(task: str, families: tuple[str, ...]) -> list[Path]:
    return [path for family in families for path in sorted((_folder(task) / family).glob("*.py"))]


def _folder(task: str) -> Path:
    return _CONFIGS[task].parent / ".mim" / "configs"


def models() -> list[Model]:
    return [_model(task, name, path) for task in _CONFIGS for name, path in configurations(task).items()]


def _model(task: str, name: str, path: Path) -> Model:
    source = _weights(path.parent).get(path.name)
    published = "coco" if task == "detect" else str(_dataset(path))
    licence = _LICENCES.get(path.parent.name, NOT_KNOWN)
    return Model(name, task, _SIDES[task], [Pretrained(published, source, licence)] if source else [])


def _dataset(path: Path) -> str | None:
    told = _SEGMENTER.fullmatch(path.stem)
    return told and told[3]


@cache
def _weights(family: Path) -> dict[str, str]:
    """By the name of the configuration's file, as the family tells."""
    told = [yaml.safe_load(path.read_text("utf-8")) for path in family.glob("metafile.y*ml")]
    every = [model for one in told for model in one["Models"] if "Weights" in model]
    return {Path(model["Config"]).name: model["Weights"] for model in every}
