"""The confusion matrix, and everything that follows from it."""

from typing import Any


class Confusion:
    """`counts[truth][answer]`."""

    def __init__(self, classes: int):
        self.counts = [[0] * classes for _ in range(classes)]

    def add(self, truth: int, answer: int) -> None:
        self.counts[truth][answer] += 1

    @property
    def accuracy(self) -> float:
        """Part of the images whose first answer is right; 0 of none."""
        total = sum(map(sum, self.counts))
        return sum(row[index] for index, row in enumerate(self.counts)) / total if total else 0.0

    def scores(self) -> list[dict[str, Any]]:
        """Of each class. Precision is absent when it was never answered, recall when it never occurred."""

        def score(index: int) -> dict[str, Any]:
            right, support = self.counts[index][index], sum(self.counts[index])
            answered = sum(row[index] for row in self.counts)
            return {
                "precision": right / answered if answered else None,
                "recall": right / support if support else None,
                "support": support,
            }

        return [score(index) for index in range(len(self.counts))]

    def macro(self, name: str) -> float:
        """Mean over the classes that occur; a class never answered has precision 0."""
        present = [score for score in self.scores() if score["support"]]
        return sum(score[name] or 0.0 for score in present) / max(len(present), 1)
