"""What a configuration is in the words of this framework."""

from typing import Any

from trainyard_sdk.failure import config_failure
from trainyard_sdk.spec import Spec

_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
# Of the peak, where the learning rate ends.
_LAST = {"cosine": 0.01, "linear": 0.01, "constant": 1.0}
_STILL = {
    "hsv_h": 0.0,
    "hsv_s": 0.0,
    "hsv_v": 0.0,
    "translate": 0.0,
    "scale": 0.0,
    "fliplr": 0.0,
    "mosaic": 0.0,
    "erasing": 0.0,
    "auto_augment": None,
}
# `standard` is what the framework does by itself.
_AUGMENTATION: dict[str, dict[str, Any]] = {
    "none": _STILL,
    "light": {**_STILL, "translate": 0.1, "scale": 0.5},
    "standard": {},
}
_COARSEST = 32


def check(spec: Spec) -> None:
    """Refuses what the framework would do in another way without a word."""
    config = spec.config
    if config.schedule not in _LAST:
        raise config_failure(f"this runner has no schedule {config.schedule}", f"set schedule to {' or '.join(_LAST)}")
    wanted = "crop" if config.task == "classify" else "letterbox"
    if config.resize != wanted:
        raise config_failure(f"it does {config.task} on images by {wanted}", f"set resize to {wanted}")
    if config.label_smoothing:
        raise config_failure("this runner does not smooth labels", "set label_smoothing to 0")
    if config.task != "classify" and config.image_size % _COARSEST:
        near = max(config.image_size // _COARSEST, 1) * _COARSEST
        raise config_failure(f"image_size {config.image_size} is no multiple of {_COARSEST}", f"set image_size to {near}")
    if spec.batch_divisor > config.batch_size:
        raise config_failure("a batch has fewer images than parts", "set a larger batch_size")


def arguments(spec: Spec, device: str, *, is_paired: bool) -> dict[str, Any]:
    """Without those that say where things lie. `is_paired`: the key points of left and right are known."""
    config = spec.config
    varied = dict(_AUGMENTATION[config.augmentation])
    if config.task == "pose" and not is_paired:
        # Left and right of a body would change places, and nobody has said which points those are.
        varied["fliplr"] = 0.0
    return {
        "epochs": config.epochs,
        "imgsz": config.image_size,
        "batch": config.batch_size // spec.batch_divisor,
        # Gradients are summed up to this many images.
        "nbs": config.batch_size,
        "optimizer": _OPTIMIZERS[config.optimizer],
        "lr0": config.learning_rate,
        "lrf": _LAST[config.schedule],
        "cos_lr": config.schedule == "cosine",
        "momentum": config.momentum,
        "weight_decay": config.weight_decay,
        "warmup_epochs": config.warmup_epochs,
        "patience": config.patience or 0,
        "seed": config.seed % (1 << 31),
        "device": device,
        "workers": 0,
        "deterministic": True,
        "pretrained": False,
        "amp": False,
        "plots": False,
        "verbose": False,
        "exist_ok": True,
        **varied,
    }
