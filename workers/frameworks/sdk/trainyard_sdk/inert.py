"""The tensors in a file of torch.save that holds whole modules, read without importing or running what it names.

Unpickling calls what a file names. Here every name but torch's own few for tensors stands for an object that only keeps what it
is given: the tree of modules is still there to be walked, and nothing of the file has run.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .failure import config_failure

_REBUILT = {"_rebuild_tensor_v2", "_rebuild_parameter", "_rebuild_parameter_with_state"}
_STORAGES = {
    f"{kind}Storage" for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
}
# Modules within modules; real networks have a dozen.
_DEPTH = 64


class Inert:
    """Stands for an object of any other class."""

    def __init__(self, *_given: Any, **_named: Any):
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, dict) else {}

    def __call__(self, *_given: Any, **_named: Any) -> "Inert":
        return Inert()

    def append(self, _item: Any) -> None:
        """A list of another class."""

    def extend(self, _items: Any) -> None: ...

    def __setitem__(self, _key: Any, _value: Any) -> None: ...


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module == "collections" and name == "OrderedDict":
            return OrderedDict
        if module == "torch._utils" and name in _REBUILT:
            return getattr(torch._utils, name)
        if module == "torch" and (name in _STORAGES or name == "Size"):
            return getattr(torch, name)
        if module == "torch.nn.parameter" and name == "Parameter":
            return torch.nn.Parameter
        return Inert


class _Pickle:
    """What `torch.load` wants of a pickle module."""

    Unpickler = _Unpickler
    load = staticmethod(lambda file, **named: _Unpickler(file, **named).load())


def read_modules(path: Path, keys: tuple[str, ...]) -> dict[str, Tensor]:
    """The tensors of the first module, or dictionary of tensors, that stands under one of the keys."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=False, pickle_module=_Pickle)
    except Exception as error:
        raise config_failure(
            f"{path.name} cannot be read ({type(error).__name__})", "give safetensors or a checkpoint"
        ) from error
    for key in keys:
        found = loaded.get(key) if isinstance(loaded, dict) else None
        if isinstance(found, Inert):
            return _tensors(found, "", _DEPTH)
        if isinstance(found, dict) and any(isinstance(value, Tensor) for value in found.values()):
            return {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
    raise config_failure(f"{path.name} holds no model", "give safetensors or a checkpoint of this framework")


def _tensors(module: Inert, prefix: str, depth: int) -> dict[str, Tensor]:
    if depth == 0:
        return {}
    found: dict[str, Tensor] = {}
    for kind in ("_parameters", "_buffers"):
        for name, value in (module.state.get(kind) or {}).items():
            if isinstance(value, Tensor):
                found[f"{prefix}{name}"] = value.detach().float() if value.is_floating_point() else value
    for name, child in (module.state.get("_modules") or {}).items():
        if isinstance(child, Inert):
            found |= _tensors(child, f"{prefix}{name}.", depth - 1)
    return found
