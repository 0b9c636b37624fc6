"""The families that are offered, by the names of their configurations."""

from trainyard_sdk.card import Model, Pretrained

LICENCE = "AGPL-3.0"
_RELEASE = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
_FAMILIES = ("yolo26", "yolo11", "yolov8")
_SIZES = "nsmlx"
_SUFFIXES = {"detect": "", "segment": "-seg", "pose": "-pose", "classify": "-cls"}

# By name: the task.
NAMES = {f"{family}{size}{suffix}": task for task, suffix in _SUFFIXES.items() for family in _FAMILIES for size in _SIZES}


def models() -> list[Model]:
    return [_model(name, task) for name, task in NAMES.items()]


def _model(name: str, task: str) -> Model:
    weights = "imagenet" if task == "classify" else "coco"
    return Model(name, task, 224 if task == "classify" else 640, [Pretrained(weights, f"{_RELEASE}/{name}.pt", LICENCE)])
