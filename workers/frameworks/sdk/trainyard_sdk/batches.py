"""Batches in a fixed order, made ahead of time by decoding threads."""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .draws import Random
from .limits import BATCHES_AHEAD

Batch = TypeVar("Batch")


def training_plan(count: int, batch: int, seed: int, epoch: int) -> list[list[int]]:
    """Every image once, in the epoch's own order, in batches of equal size give or take one."""
    order = list(range(count))
    Random([seed, epoch]).shuffle(order)
    batches = steps_per_epoch(count, batch)
    return [order[index * count // batches : (index + 1) * count // batches] for index in range(batches)]


def steps_per_epoch(count: int, batch: int) -> int:
    return -(-count // batch)


def evaluation_plan(count: int, batch: int) -> list[list[int]]:
    """Every image once, in order."""
    return [list(range(start, min(start + batch, count))) for start in range(0, count, batch)]


def ahead(
    pool: ThreadPoolExecutor, plan: list[list[int]], make: Callable[[list[int]], Batch]
) -> Generator[Batch, None, None]:
    """What `plan` names, in its order whatever the threads do."""
    left, coming = deque(plan), deque[Future[Batch]]()
    try:
        while left or coming:
            while left and len(coming) < BATCHES_AHEAD:
                coming.append(pool.submit(make, left.popleft()))
            yield coming.popleft().result()
    finally:
        for batch in coming:
            batch.cancel()
