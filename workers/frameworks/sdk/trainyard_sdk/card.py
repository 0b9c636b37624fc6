"""What comes with a model, and what a runner says of itself: the types of `events/src/card.rs` as JSON."""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .failure import config_failure

# Of a card in the metadata of a safetensors or ONNX file.
KEY = "trainyard"
PROTOCOL = 2
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# A licence that nobody has told, by its SPDX name.
NOT_KNOWN = "NOASSERTION"


@dataclass
class Preprocessing:
    """Between decoding and the network; `mean` and `std` are of pixels scaled to 0..1, in RGB order."""

    image_size: int
    resize: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    # Bits that 16-bit images use, where that is fewer than 16: they are scaled by that.
    sample_bits: int | None = None

    def json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass
class Quantized:
    """What fewer bits have cost on the validation split; a file that loses more than `loss_max` is not kept."""

    precision: str
    measured: str
    before: float
    after: float
    loss_max: float


@dataclass
class Card:
    task: str
    model: str
    classes: list[str]
    preprocessing: Preprocessing
    # Who trained it, and under which licence its program is; of our own trainer neither is said.
    runner: str | None = None
    licence: str | None = None
    # Of what has seen good images only: the score from which an image is none of them.
    threshold: float | None = None
    quantized: Quantized | None = None
    # Of each object, in the order of the outputs; of what has poses.
    keypoints: list[str] | None = None

    def json(self, output: str | None = None) -> str:
        """`output` is what the outputs of an ONNX file are; weights have none."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        told["preprocessing"] = self.preprocessing.json()
        return json.dumps({**told, **({"output": output} if output else {})}, ensure_ascii=False)


def read_card(text: str | None) -> Card:
    """Of weights that a runner, or our own trainer, has left."""
    try:
        # Others may be of a later release; what is left out is of a file, and not of the weights that it was made of.
        known = {one.name for one in fields(Card)} - {"quantized"}
        given = {name: value for name, value in json.loads(text or "").items() if name in known}
        preprocessing = given["preprocessing"]
        mean, std = tuple(preprocessing.pop("mean")), tuple(preprocessing.pop("std"))
        given["preprocessing"] = Preprocessing(**preprocessing, mean=mean, std=std)
        return Card(**given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise config_failure(
            f"the weights have no card of a runner ({error})", "give weights that this runner has left"
        ) from error


@dataclass
class Pretrained:
    """Published weights; `source` is `https://...` or `hf://owner/repository/file`."""

    name: str
    source: str
    licence: str = NOT_KNOWN


@dataclass
class Model:
    id: str
    task: str
    image_size: int
    pretrained: list[Pretrained] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        told = asdict(self)
        if not self.pretrained:
            del told["pretrained"]
        return told


# Of who trains by `training.Training`: on all GPUs that a job was given.
DEVICES = ["cpu", "gpu", "gpus"]


@dataclass
class Description:
    runner: str
    version: str
    licence: str
    resume: str
    precisions: list[str]
    devices: list[str]
    models: list[Model]
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        return {"protocol": PROTOCOL, **asdict(self), "models": [model.json() for model in self.models]}


def number(about: str, low: float, high: float, default: float) -> dict[str, Any]:
    return {"about": about, "type": "number", "low": low, "high": high, "default": default}


def choice(about: str, choices: list[str]) -> dict[str, Any]:
    """The first is the default."""
    return {"about": about, "type": "choice", "choices": choices, "default": choices[0]}


def settled(options: dict[str, dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    """Every option with its value; what is unknown or out of range is refused."""
    unknown = sorted(set(given) - set(options))
    if unknown:
        raise config_failure(f"there is no option {unknown[0]}", f"known options are {', '.join(sorted(options)) or 'none'}")
    values = {name: given.get(name, option["default"]) for name, option in options.items()}
    for name, option in options.items():
        value = values[name]
        if option["type"] == "choice":
            fits, range_ = value in option["choices"], f"one of {', '.join(option['choices'])}"
        else:
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            fits, range_ = (
                is_number and option["low"] <= value <= option["high"],
                f"from {option['low']} to {option['high']}",
            )
        if not fits:
            raise config_failure(f"option {name} is {value!r}, and must be {range_}")
    return values
