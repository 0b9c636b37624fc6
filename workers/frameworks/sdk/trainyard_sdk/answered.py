"""How many answers there are of each confidence, and how many of them are right: what a threshold would leave, and whether
a model is as sure as it is right."""

from collections.abc import Iterable

# Of one per cent each.
_BINS = 100

Answered = dict[str, list[int]]
"""`answers` and `right`: one number for each per cent of confidence from 0, or none at all."""

NOTHING: Answered = {"answers": [], "right": []}


def answered(judged: Iterable[tuple[float, bool]]) -> Answered:
    """Of answers with their confidence, 0 to 1, and whether they are right."""
    answers, right = [0] * _BINS, [0] * _BINS
    for confidence, is_right in judged:
        place = min(int(confidence * _BINS), _BINS - 1)
        answers[place] += 1
        right[place] += is_right
    return {"answers": answers, "right": right}
