"""Why a trainer ends without its result, and with which exit code."""

import traceback
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes that the platform knows."""

    DONE = 0
    CONFIG = 64
    DATASET = 65
    INTERNAL = 70
    # A checkpoint was written after SIGTERM.
    PREEMPTED = 75


class Failure(Exception):
    """The one error of a trainer. Its class decides the exit code and what the platform does next."""

    def __init__(self, kind: str, message: str, next_step: str):
        super().__init__(f"{message}; {next_step}")
        self.kind = kind
        self.message = message
        self.next_step = next_step

    @property
    def exit_code(self) -> Exit:
        return {"config": Exit.CONFIG, "dataset": Exit.DATASET}.get(self.kind, Exit.INTERNAL)


class Gone(Failure):
    """Another process of those that train together does not answer."""

    def __init__(self, said: str):
        super().__init__("device", f"a process that trains with the others is gone ({said})", "try again on another worker")


def config_failure(message: str, next_step: str = "correct the configuration") -> Failure:
    return Failure("config", message, next_step)


def dataset_failure(message: str, next_step: str = "add the dataset again") -> Failure:
    return Failure("dataset", message, next_step)


def diverged(message: str, learning_rate: float) -> Failure:
    return Failure("diverged", message, f"lower learning_rate from {learning_rate:g} to {learning_rate / 10:.1e}")


_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "std::bad_alloc")
# Of torch's distributed parts, whichever they say.
_GROUP = ("/gloo/", "nccl error", "failed to recv")
_DEVICE = ("cuda error", "cudnn error", "device-side assert", "cublas_status")


def failure_of(error: BaseException) -> Failure:
    """What an exception means. Torch tells its errors apart only by their text."""
    if isinstance(error, Failure):
        return error
    text = str(error).strip() or type(error).__name__
    first_line, lower = text.splitlines()[0], text.lower()
    if isinstance(error, MemoryError) or any(sign in lower for sign in _NO_MEMORY):
        return Failure("out_of_memory", f"out of memory ({first_line})", "use a smaller batch_size, image_size or model")
    if any(sign in lower for sign in _GROUP):
        return Gone(first_line)
    if any(sign in lower for sign in _DEVICE):
        return Failure("device", f"the device failed ({first_line})", "try again on another worker")
    traceback.print_exception(error)
    where = f"{type(error).__name__}: {first_line}"
    return Failure("internal", f"the trainer broke ({where})", "read the console; this is a fault of the trainer")
