"""The trainer's mouth: one JSON line at a time, each flushed. Everything else that is printed goes to standard error."""

import json
import math
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from .failure import Exit, Failure
from .limits import STEP_INTERVAL_S

Measurements = dict[str, float]


class Voice:
    """Takes standard output for itself: what a framework prints there would break the protocol."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._last_step_s = -math.inf

    def say(self, line: str, **fields: object) -> None:
        self.print(json.dumps({"line": line, **fields}, default=_plain, allow_nan=False, ensure_ascii=False))

    def print(self, text: str) -> None:
        """Who listens is gone when this fails, and nobody would take the result: the process ends."""
        try:
            self._lines.write(text + "\n")
            self._lines.flush()
        except OSError as error:
            print(f"nobody is listening ({error}), so this process ends", file=sys.stderr)
            os._exit(Exit.INTERNAL)

    def is_step_due(self) -> bool:
        """At most two step lines a second leave; the first leaves at once."""
        return time.monotonic() - self._last_step_s >= STEP_INTERVAL_S

    def step(self, **fields: object) -> None:
        self.say("step", **fields)
        self._last_step_s = time.monotonic()

    def artifact(self, role: str, path: Path) -> None:
        self.say("artifact", role=role, path=path)

    def failed(self, failure: Failure) -> None:
        self.say("failed", **{"class": failure.kind}, message=failure.message, next_step=failure.next_step)


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no part of a protocol line")


def finite(measurements: Mapping[str, float]) -> Measurements:
    """Those that are numbers: JSON has no other."""
    return {name: float(value) for name, value in measurements.items() if math.isfinite(value)}


def in_words(measurements: Measurements) -> str:
    """Losses first, as a line of the console."""
    order = sorted(measurements, key=lambda name: ("loss" not in name, name))
    return ", ".join(f"{name} {measurements[name]:.4f}" for name in order)
