"""The confusion matrix of a detector: every answer above a score against the truth that it lies on."""

from collections.abc import Iterator

from .average_precision import Found, Truth, overlaps
from .confusion import Confusion

# An answer counts from this score, and lies on a truth from this IoU.
SCORE = 0.25
_OVERLAP = 0.5


def matched(classes: int, truths: list[list[Truth]], found: list[list[Found]]) -> Confusion:
    """The last row are answers where nothing is, the last column truths that nothing found."""
    confusion = Confusion(classes + 1)
    for there, answers in zip(truths, found, strict=True):
        for truth, answer in _pairs(classes, there, answers):
            confusion.add(truth, answer)
    return confusion


def faults(classes: int, truths: list[Truth], found: list[Found]) -> int:
    """How much is wrong with one image: answers and truths without a partner of their own class, a mistaken pair once."""
    return sum(truth != answer for truth, answer in _pairs(classes, truths, found))


def _pairs(background: int, truths: list[Truth], answers: list[Found]) -> Iterator[tuple[int, int]]:
    """The classes of every truth and of what it was answered to be, in one image."""
    found = sorted((one for one in answers if one.score >= SCORE), key=lambda one: -one.score)
    common = overlaps(found, truths)
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
