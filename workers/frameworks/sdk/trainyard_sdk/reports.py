"""What the reports say of validation and of test: of each class, the confusion matrix, and single images."""

import json
from pathlib import Path
from typing import Any, Protocol

from .files import write_bytes
from .lesson import Account, Evaluation, Lesson
from .protocol import Voice

# Those that are told about, in this order.
SPLITS = ("validation", "test")
# What answers and truths without a partner are counted under.
BACKGROUND = "background"


class Writer(Protocol):
    work: Path
    voice: Voice


def accounts_of(lesson: Lesson, evaluations: dict[str, Evaluation]) -> dict[str, Account]:
    """By split; of test only where there is one."""
    return {split: lesson.account(evaluation, split) for split, evaluation in evaluations.items()}


def in_report(accounts: dict[str, Account]) -> dict[str, Any]:
    validation, test = accounts["validation"], accounts.get("test")
    told = {"classes": validation.classes, "confusion_matrix": validation.counts}
    return told if test is None else {**told, "test": _of_test(test)}


def _of_test(account: Account) -> dict[str, Any]:
    told = {"classes": account.classes, "rows": account.rows, "confusion_matrix": account.counts}
    return told if account.curves is None else {**told, "pr_curve": account.curves}


def write_accounts(writer: Writer, accounts: dict[str, Account], page: bytes | None) -> None:
    """Files beside the report: all of validation, but samples also of test, after those that are on the page."""
    validation = accounts["validation"]
    matrix = {"classes": validation.rows, "counts": validation.counts}
    write(writer, "confusion_matrix", "confusion_matrix.json", as_json(matrix))
    if validation.curves is not None:
        write(writer, "pr_curve", "pr_curve.json", as_json(validation.curves, None))
    samples = [{**sample, "split": split} for split, account in accounts.items() for sample in account.samples]
    if samples:
        write(writer, "sample_predictions", "sample_predictions.json", as_json(samples, None))
    if page is not None:
        write(writer, "sample_images", "sample_images.jpg", page)


def write(writer: Writer, role: str, name: str, content: bytes) -> None:
    path = writer.work / name
    write_bytes(path, content)
    writer.voice.artifact(role, path)


def as_json(content: object, indent: int | None = 2) -> bytes:
    return json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False).encode()
