"""The three commands of a trainer, and how each of its ends is told."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from .card import Description
from .failure import Exit, failure_of
from .followers import end_with_the_first, is_follower
from .interrupt import Interrupt
from .protocol import Voice
from .spec import Spec, read_spec


class Runner(Protocol):
    """What a framework does."""

    def describe(self) -> Description: ...

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        """False when SIGTERM came and a checkpoint is written."""

    def export(self, weights: Path, out: Path) -> None: ...


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.CONFIG, f"{self.prog}: {message}\n")


def _arguments(name: str, given: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog=name)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    commands.add_parser("describe")
    train = commands.add_parser("train")
    train.add_argument("--spec", type=Path, required=True)
    train.add_argument("--work", type=Path, required=True)
    train.add_argument("--resume", type=Path)
    export = commands.add_parser("export")
    export.add_argument("--weights", type=Path, required=True)
    export.add_argument("--out", type=Path, required=True)
    return parser.parse_args(given)


def _described(name: str) -> str | None:
    """What the installation wrote into this environment: a framework takes seconds to say it anew.

    Trainers of others may run in the environment, too, and it does not speak for them.
    """
    kept = Path(sys.prefix) / "describe.json"
    told = kept.read_text("utf-8") if kept.is_file() else None
    return told if told and f"trainyard_{json.loads(told)['runner']}" == name else None


def main(name: str, load: Callable[[], Runner], given: Sequence[str] | None = None) -> NoReturn:
    """`load` imports the framework, which only some of the commands must wait for."""
    arguments = _arguments(name, given)
    voice = Voice()
    if is_follower():
        end_with_the_first()
    interrupt = Interrupt(is_timed=not is_follower())
    try:
        if arguments.command == "describe":
            voice.print(_described(name) or json.dumps(load().describe().json(), ensure_ascii=False))
        elif arguments.command == "export":
            load().export(arguments.weights, arguments.out)
        else:
            spec = read_spec(arguments.spec)
            arguments.work.mkdir(parents=True, exist_ok=True)
            if not load().train(spec, arguments.work, arguments.resume, voice, interrupt):
                interrupt.leave()
    except Exception as error:
        failure = failure_of(error)
        if arguments.command == "train":
            voice.failed(failure)
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
    sys.exit(Exit.DONE)
