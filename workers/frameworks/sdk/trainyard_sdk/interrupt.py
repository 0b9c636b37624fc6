"""SIGTERM asks a training to leave: it finishes its step, writes a checkpoint and goes."""

import os
import signal
import sys
from typing import NoReturn

from .failure import Exit

# A step that is not over by then, in seconds, is given up for the checkpoint before it: after 20 the platform kills.
_GRACE_S = 17


class Interrupt:
    """Caught from the moment that this is made."""

    def __init__(self, *, is_timed: bool = True) -> None:
        """Not timed: another process sees to it that a step does not take too long."""
        self._is_timed = is_timed
        self.is_raised = False
        self._may_leave_at_once = False
        signal.signal(signal.SIGTERM, self._caught)
        signal.signal(signal.SIGALRM, self._too_late)

    def _caught(self, _signal: int, _frame: object) -> None:
        self.is_raised = True
        if self._may_leave_at_once:
            os._exit(Exit.PREEMPTED)
        if self._is_timed:
            signal.alarm(_GRACE_S)

    def _too_late(self, _signal: int, _frame: object) -> None:
        print("the step takes too long: it goes on from the checkpoint before", file=sys.stderr)
        os._exit(Exit.PREEMPTED)

    def leave(self) -> NoReturn:
        """The checkpoint is written. A framework may take longer to put its things away than there is time."""
        sys.stderr.flush()
        os._exit(Exit.PREEMPTED)

    def leave_at_once(self) -> None:
        """From here on all training is done and checkpointed: there is nothing to wait for."""
        self._may_leave_at_once = True
        if self.is_raised:
            os._exit(Exit.PREEMPTED)
