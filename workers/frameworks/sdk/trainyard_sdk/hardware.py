"""The device and the threads of this process."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import torch

from .failure import Failure
from .followers import ALONE, Seat

# With a CPU, one decoding thread serves this many for arithmetic.
_ARITHMETIC_FOR_ONE_DECODING = 8


class Hardware:
    def __init__(self, wanted: str, threads: int, precision: str = "fp32", seat: Seat = ALONE):
        """`threads` are those of all processes that train together, 0 means all cores. Each has the GPU of its rank."""
        cores = len(os.sched_getaffinity(0))
        threads = max((threads or cores) // seat.size, 1)
        has_gpu = torch.cuda.is_available()
        if wanted == "gpu" and not has_gpu:
            raise Failure("device", "there is no GPU here", "set device to auto, or choose a worker with a GPU")
        self.seat = seat
        self.device = _gpu(seat) if has_gpu and wanted != "cpu" else torch.device("cpu")
        is_cpu = self.device.type == "cpu"
        decoding = -(-threads // _ARITHMETIC_FOR_ONE_DECODING) if is_cpu else max(threads - 1, 1)
        self.arithmetic_threads = threads if is_cpu else 1
        self.pool = ThreadPoolExecutor(decoding, thread_name_prefix="decode")
        self.precision = precision
        torch.set_num_threads(self.arithmetic_threads)
        torch.use_deterministic_algorithms(True, warn_only=True)

    @property
    def name(self) -> str:
        is_cpu = self.device.type == "cpu"
        one = f"cpu, {self.arithmetic_threads} threads" if is_cpu else torch.cuda.get_device_name(self.device)
        return one if self.seat.size == 1 else f"{self.seat.size} x {one}"

    def autocast(self) -> AbstractContextManager[object]:
        if self.precision == "bf16":
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()

    def gpu_mib(self) -> int | None:
        return torch.cuda.memory_reserved(self.device) >> 20 if self.device.type == "cuda" else None


def _gpu(seat: Seat) -> torch.device:
    if seat.size == 1:
        return torch.device("cuda")
    if seat.size > (here := torch.cuda.device_count()):
        raise Failure("device", f"{seat.size} GPUs were given, and {here} are here", "try again on another worker")
    # Frameworks that name no GPU mean this one.
    torch.cuda.set_device(seat.rank)
    return torch.device("cuda", seat.rank)


def resident_mib() -> int | None:
    """The main memory that this process holds, as Linux counts it."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    return None
