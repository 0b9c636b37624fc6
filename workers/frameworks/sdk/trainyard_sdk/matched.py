"""The confusion matrix of a detector: every answer above a score against the truth that it lies on."""

from collections.abc import Iterator

import numpy as np

from .average_precision import Alike, Found, Truth, overlaps, surest_first
from .confusion import Confusion

# An answer counts from this score, and lies on a truth from this IoU.
SCORE = 0.25
_OVERLAP = 0.5


def matched(classes: int, truths: list[list[Truth]], found: list[list[Found]], alike: Alike | None = None) -> Confusion:
    """The last row are answers where nothing is, the last column truths that nothing found; without `alike` by boxes."""
    confusion = Confusion(classes + 1)
    alike = alike or [overlaps(*pair) for pair in zip(found, truths, strict=True)]
    for there, answers, common in zip(truths, found, alike, strict=True):
        for truth, answer in _pairs(classes, there, answers, common):
            confusion.add(truth, answer)
    return confusion


def faults(classes: int, truths: list[Truth], found: list[Found], alike: np.ndarray | None = None) -> int:
    """How much is wrong with one image: answers and truths without a partner of their own class, a mistaken pair once."""
    common = overlaps(found, truths) if alike is None else alike
    return sum(truth != answer for truth, answer in _pairs(classes, truths, found, common))


def _pairs(background: int, truths: list[Truth], answers: list[Found], alike: np.ndarray) -> Iterator[tuple[int, int]]:
    """The classes of every truth and of what it was answered to be, in one image."""
    sure = surest_first(answers, lambda one: one.score >= SCORE)
    found, common = [answers[at] for at in sure], alike[sure]
    taken, used = [truth.crowd for truth in truths], [False] * len(found)
    # Of its own class first; what is left on both sides shows what is taken for what.
    for same_class in (True, False):
        for index, answer in enumerate(found):
            fits = [
                (common[index, at], at)
                for at, truth in enumerate(truths)
                if not taken[at]
                and (truth.class_index == answer.class_index) == same_class
                and common[index, at] >= _OVERLAP
            ]
            if fits and not used[index]:
                _, at = max(fits)
                taken[at] = used[index] = True
                yield truths[at].class_index, answer.class_index
    for truth, is_taken in zip(truths, taken, strict=True):
        if not is_taken:
            yield truth.class_index, background
    for index, answer in enumerate(found):
        on_crowd = any(
            truth.crowd and truth.class_index == answer.class_index and common[index, at] >= _OVERLAP
            for at, truth in enumerate(truths)
        )
        if not used[index] and not on_crowd:
            yield background, answer.class_index
