"""A model as safetensors with its card, and what fits of a file into a model that starts from it."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from .card import KEY, Card, read_card
from .failure import config_failure
from .files import write_whole
from .limits import WEIGHTS_FILE_BYTES
from .tensor_file import write_tensors

# Wrappers that training scripts put before the names, and around the tensors.
_PREFIXES = ("module.", "model.", "backbone.", "_orig_mod.")
_WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model", "ema")
# Fewer of a model's tensors than this, and the file is of another model.
_LEAST_SHARE = 0.5

Tensors = dict[str, Tensor]


def save(path: Path, card: Card, tensors: Tensors) -> None:
    write_whole(path, lambda partial: write_tensors(partial, tensors, {"format": "pt", KEY: card.json()}))


def load(path: Path) -> tuple[Card, Tensors]:
    """Of a file that `save` has written."""
    try:
        with safe_open(path, "pt") as file:
            card = read_card((file.metadata() or {}).get(KEY))
            return card, {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise _unusable(path, str(error)) from error


def read_tensors(path: Path) -> tuple[Tensors, str | None]:
    """The tensors of any file of weights, read without running what it holds, and the card in it."""
    try:
        if path.stat().st_size > WEIGHTS_FILE_BYTES:
            raise _unusable(path, "it is larger than 8 GiB")
        with path.open("rb") as file:
            head = file.read(16)
        if head[8:9] == b"{":
            with safe_open(path, "pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}, (file.metadata() or {}).get(KEY)
        return _tensors_in(torch.load(path, map_location="cpu", weights_only=True)), None
    except pickle.UnpicklingError as error:
        if "weights_only" in str(error).lower() or "unsupported" in str(error).lower():
            raise _unusable(path, "it holds code that would run when it is read") from error
        raise _unusable(path, "it is neither safetensors nor a file of torch.save") from error
    except (SafetensorError, OSError, EOFError, RuntimeError, ValueError) as error:
        raise _unusable(path, str(error).splitlines()[0] if str(error) else "it is damaged") from error


def _tensors_in(loaded: object) -> Tensors:
    for wrapper in _WRAPPERS:
        if isinstance(loaded, dict) and isinstance(loaded.get(wrapper), dict):
            loaded = loaded[wrapper]
    if not isinstance(loaded, dict):
        raise ValueError("it holds no tensors by name")
    return {str(name): value for name, value in loaded.items() if isinstance(value, Tensor)}


def _unusable(path: Path, said: str) -> Exception:
    return config_failure(
        f"the initial weights {path.name} cannot be used: {said}",
        "give a safetensors file of this model, or set initial_weights to scratch",
    )


@dataclass
class Report:
    """What became of every tensor of the model and of the file."""

    loaded: int = 0
    tensors: int = 0
    missing: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [f"{self.loaded} of {self.tensors} tensors loaded"]
        for what, names in [("of another shape", self.reshaped), ("missing", self.missing), ("not used", self.unused)]:
            if names:
                parts.append(f"{len(names)} {what} ({names[0]}{', ...' if len(names) > 1 else ''})")
        return ", ".join(parts)


def _bare(name: str, known: Tensors) -> str:
    while name not in known:
        prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)
        if prefix is None:
            return name
        name = name.removeprefix(prefix)
    return name


def by_place(tensors: Tensors, model: nn.Module) -> Tensors:
    """Those of the same network under names of another framework, by the order that they stand in.

    Only where no name is known and every tensor has the shape of its place, but for the two of a head of other classes.
    """
    mine, given = _learnt(model.state_dict()), _learnt(tensors)
    if len(mine) != len(given) or any(_bare(name, mine) in mine for name in given):
        return tensors
    shapes = [(one.shape, other.shape) for one, other in zip(mine.values(), given.values(), strict=True)]
    if any(one != other for one, other in shapes[:-2]):
        return tensors
    return dict(zip(mine, given.values(), strict=True))


def _learnt(tensors: Tensors) -> Tensors:
    return {name: value for name, value in tensors.items() if not name.endswith("num_batches_tracked")}


def _draw_anew(model: nn.Module, names: set[str]) -> None:
    """Some families draw a head of few classes so wide that its first answers are sure and wrong: all that has been learnt
    below it would be unlearnt by them."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and f"{name}.weight" in names:
            module.reset_parameters()


@torch.no_grad()
def start_from(model: nn.Module, tensors: Tensors) -> Report:
    """Copies what fits; what is of another shape or missing starts fresh, a layer for other classes with small answers."""
    mine = model.state_dict()
    given = {_bare(name, mine): value for name, value in tensors.items()}
    report = Report(tensors=len(mine))
    for name, value in given.items():
        if name not in mine:
            report.unused.append(name)
        elif mine[name].shape != value.shape:
            report.reshaped.append(name)
        else:
            mine[name].copy_(value)
            report.loaded += 1
    _draw_anew(model, set(report.reshaped))
    report.missing = [name for name in mine if name not in given and not name.endswith("num_batches_tracked")]
    if report.loaded < _LEAST_SHARE * report.tensors:
        said = f"the initial weights are of another model: {report}"
        raise config_failure(said, "give weights of this model, or set initial_weights to scratch")
    return report
