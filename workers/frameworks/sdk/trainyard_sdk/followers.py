"""The other processes of a training on several devices: started by the first, told everything by it, and ended with it."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TypeVar

from .failure import Exit, Failure, Gone
from .protocol import Voice

# Of the environment that the first process gives the others: which of them they are, and the port where they meet.
_RANK, _PORT = "TRAINYARD_RANK", "TRAINYARD_PORT"
# With these a process ends that was told to.
_AS_TOLD = (Exit.DONE, Exit.PREEMPTED)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Seat:
    """Which of the processes this is that train together. The first measures, writes and tells."""

    rank: int = 0
    size: int = 1

    @classmethod
    def of(cls, processes: int) -> "Seat":
        return cls(int(os.environ.get(_RANK, 0)), processes) if processes > 1 else cls()

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, batch: list[Item]) -> list[Item]:
        """What this process learns from."""
        start, end = (at * len(batch) // self.size for at in (self.rank, self.rank + 1))
        return batch[start:end]


ALONE = Seat()


def port() -> int:
    return int(os.environ[_PORT])


def is_follower() -> bool:
    return _RANK in os.environ


def end_with_the_first() -> None:
    """Whatever this process waits for: its standard input is closed when the first one is gone, however that came about."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os._exit(Exit.INTERNAL)

    threading.Thread(target=wait, daemon=True).start()


class Followers:
    """One that ends without being told to ends the attempt: the first may wait for it on a GPU, where nothing wakes it."""

    def __init__(self, size: int, port: int, voice: Voice):
        self._voice = voice
        self._failures: list[Failure] = []
        # Who has it says the last line.
        self._last_word = threading.Lock()
        self._children = [_started(rank, port) for rank in range(1, size)]
        self._watches = [threading.Thread(target=self._watch, args=(child,), daemon=True) for child in self._children]
        self._all_are_watched = threading.Event()
        for watch in self._watches:
            watch.start()
        self._all_are_watched.set()

    def blame(self, failure: Failure) -> Failure:
        """What the first process fails with. Where another one broke the group, this does not return: a watch tells why."""
        if isinstance(failure, Gone) or not self._last_word.acquire(blocking=False):
            self._kill()
            self._join()
        return failure

    def end(self) -> None:
        """The first has said all that there is to say."""
        self._last_word.acquire(blocking=False)
        self._kill()

    def _kill(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()

    def _watch(self, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None, "it is a pipe"
        self._failures += [failure for line in child.stdout if (failure := _failure(line))]
        if child.wait() in _AS_TOLD or not self._last_word.acquire(blocking=False):
            return
        # What broke the group is said by the one that did, and that need not be the first to end.
        self._kill()
        self._join()
        failure = next(iter(self._failures), Gone("it has said nothing"))
        self._voice.failed(failure)
        print(failure, file=sys.stderr, flush=True)
        os._exit(failure.exit_code)

    def _join(self) -> None:
        # The first may end before the last has a watch.
        self._all_are_watched.wait()
        for watch in self._watches:
            if watch is not threading.current_thread():
                watch.join()


def _started(rank: int, port: int) -> subprocess.Popen[str]:
    """With the command line of this process."""
    command = [sys.executable, *sys.orig_argv[1:]]
    environment = {**os.environ, _RANK: str(rank), _PORT: str(port)}
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


def _failure(line: str) -> Failure | None:
    try:
        told = json.loads(line)
    except ValueError:
        # It was killed within a line.
        return None
    return Failure(told["class"], told["message"], told["next_step"]) if told["line"] == "failed" else None
