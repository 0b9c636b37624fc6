"""A network with the classes of a dataset, from the framework's own configuration of a name."""

import json
from pathlib import Path
from typing import Any

from torch import Tensor
from trainyard_sdk.failure import config_failure

from ultralytics import YOLO

from .catalog import NAMES


def build(folder: Path, name: str, task: str, classes: list[str], points: int) -> tuple[YOLO, Path]:
    """The network from a random start, and the configuration that it was made from."""
    if NAMES.get(name) != task:
        offered = [known for known, of in NAMES.items() if of == task]
        raise config_failure(f"there is no model {name!r} that can {task}", f"choose one of {', '.join(offered)}")
    told: dict[str, Any] = dict(YOLO(f"{name}.yaml", task=task).model.yaml)
    told["nc"] = len(classes)
    if task == "pose":
        told["kpt_shape"] = [points, 3]
    # The size is in the name of a file, and what the name says would be taken for it again.
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(told), "utf-8")
    network = YOLO(path, task=task)
    network.model.names = dict(enumerate(classes))
    return network, path


def state_of(module: Any) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in module.state_dict().items()}
