"""COCO's average precision, by the rules of `workers/vision/src/metrics/average_precision.rs`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .answered import NOTHING, Answered, answered

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
_AT_75 = 5
# Answers that count for each image and class, the surest first.
_ANSWERS = 100
# Square pixels, both ends included: all, small, medium, large.
_AREAS = [(0.0, 1e10), (0.0, 1024.0), (1024.0, 9216.0), (9216.0, 1e10)]


@dataclass
class Truth:
    class_index: int
    # x1, y1, x2, y2.
    corners: np.ndarray
    crowd: bool = False


@dataclass
class Found:
    class_index: int
    score: float
    corners: np.ndarray


@dataclass
class ClassPrecision:
    """Of one class; `None` where it does not occur."""

    ap: float | None
    ap50: float | None
    truths: int
    # Precision at the recalls 0, .01 ... 1, at IoU .5.
    curve: list[float]
    # Its answers at IoU .5, those on crowds left out.
    answered: Answered


@dataclass
class AveragePrecision:
    """Means over the classes that occur; 0 where there is no truth at all."""

    measurements: dict[str, float]
    classes: list[ClassPrecision]


Alike = list[np.ndarray]
"""Of each image, from 0 to 1 how much each answer is like each truth: `[found, truths]`."""


def overlaps(found: list[Found], truths: list[Truth]) -> np.ndarray:
    """Intersection over union `[found, truths]`; over the answer's own area when the truth is a crowd."""
    a = np.array([one.corners for one in found], np.float64).reshape(-1, 1, 4)
    b = np.array([one.corners for one in truths], np.float64).reshape(1, -1, 4)
    sides = (np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])).clip(0)
    common = sides[..., 0] * sides[..., 1]
    own, other = _size(a), _size(b)
    crowd = np.array([one.crowd for one in truths], bool).reshape(1, -1)
    return common / np.maximum(np.where(crowd, own, own + other - common), 1e-12)


def _size(corners: np.ndarray) -> np.ndarray:
    return (corners[..., 2] - corners[..., 0]) * (corners[..., 3] - corners[..., 1])


def average_precision(
    classes: int, truths: list[list[Truth]], found: list[list[Found]], alike: Alike | None = None
) -> AveragePrecision:
    """All by image; without `alike` it is the boxes that count."""
    alike = alike or [overlaps(*pair) for pair in zip(found, truths, strict=True)]
    cells_of_classes = (_cells(index, truths, found, alike) for index in range(classes))
    curves = [[_curves(cells, area) for area in _AREAS] for cells in cells_of_classes]

    def mean(area: int, rows: slice) -> float | None:
        there = [float(found.precision[rows].mean()) for of_class in curves if (found := of_class[area])]
        return sum(there) / len(there) if there else None

    every, first, at_75 = slice(None), slice(0, 1), slice(_AT_75, _AT_75 + 1)
    named = [("ap50_95", 0, every), ("ap50", 0, first), ("ap75", 0, at_75)]
    measurements = {name: mean(area, rows) or 0.0 for name, area, rows in named}
    for area, name in enumerate(["ap_small", "ap_medium", "ap_large"], 1):
        if (value := mean(area, every)) is not None:
            measurements[name] = value
    return AveragePrecision(measurements, [_of_class(of_class[0]) for of_class in curves])


@dataclass
class _Curves:
    # `[thresholds, recalls]`.
    precision: np.ndarray
    # Those that count.
    truths: int
    # At the first threshold.
    answered: Answered


def _of_class(curves: _Curves | None) -> ClassPrecision:
    if curves is None:
        return ClassPrecision(None, None, 0, [], NOTHING)
    precision, first = curves.precision, curves.precision[0]
    return ClassPrecision(float(precision.mean()), float(first.mean()), curves.truths, first.tolist(), curves.answered)


# The truths, answers and overlaps of one class in one image.
_Cell = tuple[list[Truth], list[Found], np.ndarray]


def _cells(index: int, truths: list[list[Truth]], found: list[list[Found]], alike: Alike) -> list[_Cell]:
    cells = []
    for there, answers, common in zip(truths, found, alike, strict=True):
        mine = [at for at, truth in enumerate(there) if truth.class_index == index]
        surest = surest_first(answers, lambda one: one.class_index == index)[:_ANSWERS]
        if mine or surest:
            cells.append(([there[at] for at in mine], [answers[at] for at in surest], common[np.ix_(surest, mine)]))
    return cells


def surest_first(answers: list[Found], counts: Callable[[Found], bool]) -> list[int]:
    """The places of those that count."""
    return sorted((at for at, one in enumerate(answers) if counts(one)), key=lambda at: -answers[at].score)


def _matches(cell: _Cell, threshold: float, ignored: list[bool]) -> list[int | None]:
    """Which truth each answer gets, the surest choosing first. A truth that counts is better than any that does not."""
    truths, answers, common = cell
    taken = [False] * len(truths)
    matched: list[int | None] = []
    for row in common if len(answers) else []:
        best: tuple[float, int | None] = (min(threshold, 1 - 1e-10), None)
        for wanted in (False, True):
            for truth, overlap in enumerate(row):
                free = not taken[truth] or truths[truth].crowd
                if ignored[truth] == wanted and free and overlap >= best[0]:
                    best = (overlap, truth)
            if best[1] is not None:
                taken[best[1]] = True
                break
        matched.append(best[1])
    return matched


def _curves(cells: list[_Cell], area: tuple[float, float]) -> _Curves | None:
    """`None` where no truth counts."""

    def outside(corners: np.ndarray) -> bool:
        return not area[0] <= _size(np.asarray(corners, np.float64)) <= area[1]

    ignored = [[truth.crowd or outside(truth.corners) for truth in cell[0]] for cell in cells]
    truths = sum(not one for of_cell in ignored for one in of_cell)
    if truths == 0:
        return None
    rows: list[np.ndarray] = []
    at_first = NOTHING
    for threshold in THRESHOLDS:
        judged: list[tuple[float, bool]] = []
        for cell, out in zip(cells, ignored, strict=True):
            for answer, truth in zip(cell[1], _matches(cell, threshold, out), strict=True):
                skipped = outside(answer.corners) if truth is None else out[truth]
                if not skipped:
                    judged.append((answer.score, truth is not None))
        if not rows:
            at_first = answered(judged)
        rows.append(_precision_at_recalls(judged, truths))
    return _Curves(np.stack(rows), truths, at_first)


def _precision_at_recalls(judged: list[tuple[float, bool]], truths: int) -> np.ndarray:
    """At each recall, the best precision at that recall or a higher one; 0 where it is never reached."""
    judged = sorted(judged, key=lambda one: -one[0])
    right = np.cumsum([one[1] for one in judged])
    recall, precision = right / truths, right / np.arange(1, len(judged) + 1)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return envelope[np.searchsorted(recall, RECALLS)]
