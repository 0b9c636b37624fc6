"""In the place of mmcv's compiled operations, which its package has only as source: none of our networks calls one."""

import sys
from types import ModuleType
from typing import Any, NoReturn


class _Absent(ModuleType):
    """Every operation is there for those who import it, and says what it is when it is called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def absent(*_given: object, **_named: object) -> NoReturn:
            raise RuntimeError(f"mmcv's operation {name} is not in this environment")

        return absent


def stand_in() -> None:
    """Before mmcv.ops is imported."""
    sys.modules.setdefault("mmcv._ext", _Absent("mmcv._ext"))
