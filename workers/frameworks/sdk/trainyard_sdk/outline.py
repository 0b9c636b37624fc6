"""The outlines of cells that are set: rings along their edges, one within another being a hole."""

import numpy as np

Point = tuple[int, int]


def rings(mask: np.ndarray) -> list[list[Point]]:
    """Of `[H, W]`, as corners `(x, y)` of cells, where the direction changes."""
    leads = _edges(mask)
    found = []
    while leads:
        ring = [start := next(iter(leads))]
        while True:
            ring.append(_step(leads, ring[-1]))
            if ring[-1] == start:
                break
        found.append(_turns(ring[:-1]))
    return found


def _edges(mask: np.ndarray) -> dict[Point, list[Point]]:
    """From each corner to those that an edge leads to, with what is set on its right."""
    leads: dict[Point, list[Point]] = {}
    padded = np.pad(mask.astype(bool), 1)
    inside = padded[1:-1, 1:-1]
    # The neighbour that is not set, and where the edge to it starts and ends.
    for beside, (x1, y1), (x2, y2) in (
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (0, 1)),
        (padded[1:-1, :-2], (0, 1), (0, 0)),
    ):
        for y, x in np.argwhere(inside & ~beside).tolist():
            leads.setdefault((x + x1, y + y1), []).append((x + x2, y + y2))
    return leads


def _step(leads: dict[Point, list[Point]], at: Point) -> Point:
    """Where two edges leave a corner, cells touch there, and either is a ring."""
    ends = leads[at]
    end = ends.pop()
    if not ends:
        del leads[at]
    return end


def _turns(ring: list[Point]) -> list[Point]:
    around = zip([ring[-1], *ring[:-1]], ring, [*ring[1:], ring[0]], strict=True)
    return [at for before, at, after in around if (before[0] == at[0]) != (at[0] == after[0])]
