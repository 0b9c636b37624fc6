"""The confusion matrix of a detector: every answer above a score against the truth that it lies on."""

from .average_precision import Found, Truth, overlaps
from .confusion import Confusion

# An answer counts from this score, and lies on a truth from this IoU.
SCORE = 0.25
_OVERLAP = 0.5


def matched(classes: int, truths: list[list[Truth]], found: list[list[Found]]) -> Confusion:
    """The last row are answers where nothing is, the last column truths that nothing found."""
    confusion = Confusion(classes + 1)
    for there, answers in zip(truths, found, strict=True):
        surest = sorted((one for one in answers if one.score >= SCORE), key=lambda one: -one.score)
        _count_image(there, surest, confusion)
    return confusion


def _count_image(truths: list[Truth], found: list[Found], confusion: Confusion) -> None:
    background = len(confusion.counts) - 1
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
                confusion.add(truths[at].class_index, answer.class_index)
    for truth, is_taken in zip(truths, taken, strict=True):
        if not is_taken:
            confusion.add(truth.class_index, background)
    for index, answer in enumerate(found):
        on_crowd = any(
            truth.crowd and truth.class_index == answer.class_index and common[index, at] >= _OVERLAP
            for at, truth in enumerate(truths)
        )
        if not used[index] and not on_crowd:
            confusion.add(background, answer.class_index)
