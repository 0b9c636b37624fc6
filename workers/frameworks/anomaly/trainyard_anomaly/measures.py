"""How well scores tell defects from what is as it should be."""

import numpy as np

# Scores of pixels are counted in so many steps from 0 to 1.
_STEPS = 4_096


def auroc(good: np.ndarray, bad: np.ndarray) -> float:
    """The chance that a bad one scores above a good one; equals count half (Mann and Whitney)."""
    both = np.concatenate([good, bad])
    _, place, counts = np.unique(both, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[place]
    return float((ranks[len(good) :].sum() - len(bad) * (len(bad) + 1) / 2) / (len(good) * len(bad)))


class Pixels:
    """Scores of pixels within and outside defects, counted."""

    def __init__(self) -> None:
        self.counts = np.zeros((2, _STEPS), np.int64)

    def add(self, scores: np.ndarray, is_defect: np.ndarray) -> None:
        step = np.minimum((scores * _STEPS).astype(np.int64), _STEPS - 1)
        for kind in (0, 1):
            self.counts[kind] += np.bincount(step[is_defect == kind], minlength=_STEPS)

    def auroc(self) -> float | None:
        """`None` where no defect has an outline."""
        good, bad = self.counts
        if not good.sum() or not bad.sum():
            return None
        below = np.cumsum(good) - good
        return float((bad * (below + good / 2)).sum() / (int(good.sum()) * int(bad.sum())))


def at(threshold: float, good: np.ndarray, bad: np.ndarray) -> dict[str, float]:
    """What the threshold makes of scores; nothing is said of defects where there are none."""
    false, true = int((good >= threshold).sum()), int((bad >= threshold).sum())
    told = {"specificity": 1 - false / len(good)} if len(good) else {}
    if not len(bad):
        return told
    recall, precision = true / len(bad), true / (true + false) if true + false else 0.0
    f1 = 2 * true / (2 * true + false + len(bad) - true)
    return {**told, "recall": recall, "precision": precision, "f1": f1}


def spread(name: str, scores: np.ndarray) -> dict[str, float]:
    if not len(scores):
        return {}
    low, middle, high = np.quantile(scores, [0, 0.5, 1])
    return {f"score_{name}_min": float(low), f"score_{name}_median": float(middle), f"score_{name}_max": float(high)}
