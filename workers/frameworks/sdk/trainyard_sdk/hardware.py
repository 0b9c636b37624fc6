"""The device and the threads of this process."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import torch

from .failure import Failure

# With a CPU, one decoding thread serves this many for arithmetic.
_ARITHMETIC_FOR_ONE_DECODING = 8


class Hardware:
    def __init__(self, wanted: str, threads: int, precision: str = "fp32"):
        """`threads` 0 means all cores."""
        cores = len(os.sched_getaffinity(0))
        threads = threads or cores
        has_gpu = torch.cuda.is_available()
        if wanted == "gpu" and not has_gpu:
            raise Failure("device", "there is no GPU here", "set device to auto, or choose a worker with a GPU")
        self.device = torch.device("cuda" if has_gpu and wanted != "cpu" else "cpu")
        is_cpu = self.device.type == "cpu"
        decoding = -(-threads // _ARITHMETIC_FOR_ONE_DECODING) if is_cpu else max(threads - 1, 1)
        self.arithmetic_threads = threads if is_cpu else 1
        self.pool = ThreadPoolExecutor(decoding, thread_name_prefix="decode")
        self.precision = precision
        torch.set_num_threads(self.arithmetic_threads)
        torch.use_deterministic_algorithms(True, warn_only=True)

    @property
    def name(self) -> str:
        if self.device.type == "cpu":
            return f"cpu, {self.arithmetic_threads} threads"
        return torch.cuda.get_device_name(self.device)

    def autocast(self) -> AbstractContextManager[object]:
        if self.precision == "bf16":
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()

    def gpu_mib(self) -> int | None:
        return torch.cuda.memory_reserved(self.device) >> 20 if self.device.type == "cuda" else None


def resident_mib() -> int | None:
    """The main memory that this process holds, as Linux counts it."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    return None
