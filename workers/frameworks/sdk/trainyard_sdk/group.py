"""What processes that train one model together add up: each learns from its share of a batch, and all take the same step."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as c10d
from torch import Tensor

from . import followers
from .failure import Exit, Gone, failure_of
from .followers import Followers, Seat
from .protocol import Voice

_HERE = "127.0.0.1"
# From one sum to the next, and until all have come: so long may the slowest take.
_SHARE = timedelta(minutes=30)
# While the first measures, the others wait.
_MEASURING = timedelta(days=7)


class Group:
    """Of this process alone, or of several; then all of them call the same functions in the same order.

    It is no default group of torch's: a framework that found one would add up by itself, and wait forever where the first
    measures alone.
    """

    def __init__(self, seat: Seat, device: torch.device, store: c10d.Store | None = None):
        self.seat, self._device = seat, device
        self._store = store

    def meet(self) -> None:
        """Waits until all are there. Nobody outside of this machine can come."""
        if self.seat.size == 1:
            return
        rank, size = self.seat.rank, self.seat.size
        store = self._store or c10d.TCPStore(_HERE, followers.port(), timeout=_SHARE, wait_for_workers=False)
        options = c10d.ProcessGroupGloo._Options()
        options._devices = [c10d.ProcessGroupGloo.create_device(hostname=_HERE)]
        options._timeout = _SHARE
        self._on_cpu = c10d.ProcessGroupGloo(c10d.PrefixStore("cpu", store), rank, size, options)
        self._on_device: Any = self._on_cpu
        if self._device.type == "cuda":
            os.environ["NCCL_SOCKET_IFNAME"] = "=lo"
            self._on_device = c10d.ProcessGroupNCCL(c10d.PrefixStore("cuda", store), rank, size, _SHARE)

    def add_up(self, tensors: list[Tensor]) -> None:
        """Over all processes, in place: the same bits everywhere."""
        if self.seat.size > 1:
            _in_a_row(tensors, lambda row: self._on_device.allreduce([row]))

    def hand_out(self, tensors: list[Tensor]) -> None:
        """What the first has, all have afterwards."""
        if self.seat.size > 1:
            _in_a_row(tensors, lambda row: self._on_device.broadcast(row, 0))

    def sum(self, own: Tensor) -> Tensor:
        """Over all processes, differentiable."""
        total: Tensor = _Sum.apply(own, self)  # type: ignore[no-untyped-call]
        return total

    def totals(self, own: list[bool]) -> list[int]:
        """How many say yes, without waiting for the device."""
        counts = torch.tensor(own, dtype=torch.int32)
        if self.seat.size > 1:
            self._on_cpu.allreduce([counts]).wait()
        return counts.tolist()

    def told(self, own: int) -> int:
        """What the first says; of the others it is not heard."""
        said = torch.tensor([own])
        if self.seat.size > 1:
            options = c10d.BroadcastOptions()
            options.timeout = _MEASURING
            self._on_cpu.broadcast([said], options).wait()
        return int(said.item())


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: Tensor, group: Group) -> Tensor:
        ctx.group = group
        total = own.clone()
        group.add_up([total])
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        total = gradient.clone()
        ctx.group.add_up([total])
        return total, None


@torch.no_grad()
def _in_a_row(tensors: list[Tensor], shared: Callable[[Tensor], Any]) -> None:
    """One exchange for all tensors of a kind, in place."""
    for kind in dict.fromkeys(tensor.dtype for tensor in tensors):
        of_kind = [tensor for tensor in tensors if tensor.dtype == kind]
        row = torch.cat([tensor.reshape(-1) for tensor in of_kind])
        shared(row).wait()
        for tensor, values in zip(of_kind, row.split([tensor.numel() for tensor in of_kind]), strict=True):
            tensor.copy_(values.view_as(tensor))


@contextmanager
def gathered(seat: Seat, device: torch.device, voice: Voice) -> Iterator[Group]:
    """The first process starts the others, which end with it, and fails with what one of them has failed with."""
    if seat.size == 1:
        yield Group(seat, device)
    elif seat.leads:
        with _led(seat, device, voice) as group:
            yield group
    else:
        try:
            yield Group(seat, device)
        except Exception as error:
            failure = failure_of(error)
            # The first one knows, and better who it was.
            if isinstance(failure, Gone):
                os._exit(Exit.INTERNAL)
            raise failure from error


@contextmanager
def _led(seat: Seat, device: torch.device, voice: Voice) -> Iterator[Group]:
    listener = socket.create_server((_HERE, 0))
    port = listener.getsockname()[1]
    fd = listener.detach()
    store = c10d.TCPStore(_HERE, port, is_master=True, timeout=_SHARE, wait_for_workers=False, master_listen_fd=fd)
    others = Followers(seat.size, port, voice)
    try:
        yield Group(seat, device, store)
    except Exception as error:
        raise others.blame(failure_of(error)) from error
    finally:
        others.end()
