"""What the reports say: answers by their confidence, the test split beside validation, and single images in their order."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from conftest import DETECT, Job, few_colours, with_test
from PIL import Image as Picture
from torch import Tensor, nn
from trainyard_sdk import classify, detect, quantized
from trainyard_sdk.answered import answered
from trainyard_sdk.card import IMAGENET, Preprocessing
from trainyard_sdk.classify import Classify
from trainyard_sdk.detect import Detect
from trainyard_sdk.evaluate import evaluate
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.lesson import Lesson
from trainyard_sdk.manifest import read_manifest
from trainyard_sdk.page import framed_page
from trainyard_sdk.reports import accounts_of, in_report, write_accounts
from trainyard_sdk.samples import told
from trainyard_sdk.segment import Segment
from trainyard_sdk.spec import Spec, read_spec

GREEN, RED = (46, 158, 91), (224, 83, 61)


def test_every_answer_is_counted_once():
    counted = answered([(0.0, False), (0.259, True), (0.25, False), (1.0, True), (0.999, True)])
    assert [len(counts) for counts in counted.values()] == [100, 100]
    filled = {name: [(at, count) for at, count in enumerate(counts) if count] for name, counts in counted.items()}
    assert filled == {"answers": [(0, 1), (25, 2), (99, 2)], "right": [(25, 1), (99, 2)]}


def test_the_worst_are_told_and_some_that_two_models_have_in_common():
    assert told([4, 0, 1, 3, 2], 2, 3) == [4, 0, 1, 3, 2], "a small split is told whole"
    one, other = told(list(range(90))[::-1], 2, 3), told(list(range(90)), 2, 3)
    assert (one, other) == ([89, 88, 60, 30, 0], [0, 1, 30, 60]), "an image is told once"


class Reports:
    """What a lesson would tell at the end of a training that has left this model."""

    def __init__(self, spec: Spec, lesson: Lesson, model: nn.Module):
        how, self.artifacts = Preprocessing(spec.config.image_size, spec.config.resize, *IMAGENET), {}
        splits = [split for split in ("validation", "test") if lesson.count(split)]
        evaluations = {split: evaluate(lesson, spec, how, Hardware("cpu", 1), model, split, None) for split in splits}
        accounts = accounts_of(lesson, evaluations)
        voice = SimpleNamespace(artifact=lambda role, path: self.artifacts.update({role: path}))
        training: Any = SimpleNamespace(work=spec.images.parent / "work", voice=voice, lesson=lesson)
        write_accounts(training, accounts, lesson.page(evaluations["validation"], "validation"))
        self.report, self.lesson = json.loads(json.dumps(in_report(accounts))), lesson

    def read(self, role: str) -> Any:
        return json.loads(self.artifacts[role].read_text())

    @property
    def samples(self) -> list[dict[str, Any]]:
        return self.read("sample_predictions")

    def splits(self) -> list[str]:
        return [sample["split"] for sample in self.samples]


def spec_of(folder: Path, data: tuple[Path, Path], **changes: Any) -> Spec:
    return read_spec(Job("timm", folder / "job", *data, model="none", **changes).spec)


class Guessing(nn.Module):
    """Answers each image in its own way, and as often right as wrong."""

    def forward(self, pixels: Tensor) -> Tensor:
        return (pixels.mean((2, 3)) * 300).sin() * 2


def of_colours(folder: Path, is_tested: bool = True) -> Reports:
    data = few_colours(folder / "colours", each=36)
    spec = spec_of(folder, with_test(data, 3) if is_tested else data, batch_size=8)
    return Reports(spec, Classify(spec, read_manifest(spec.manifest)), Guessing())


def check_answers(classes: list[dict[str, Any]], counts: list[list[int]]) -> None:
    for index, one in enumerate(classes):
        answers, right = one["confidence"]["answers"], one["confidence"]["right"]
        assert len(answers) == len(right) == 100
        assert all(0 <= fewer <= more for fewer, more in zip(right, answers, strict=True)), one
        assert sum(answers) == sum(row[index] for row in counts), "each answer that names the class"
        assert sum(right) == counts[index][index]


def test_a_classifier_counts_its_answers_by_their_confidence_in_both_splits(tmp_path: Path):
    told = of_colours(tmp_path)
    report, test = told.report, told.report["test"]
    assert set(test) == {"classes", "rows", "confusion_matrix"}, "a classifier has no curves"
    assert test["rows"] == [one["name"] for one in test["classes"]] == ["colour 0", "colour 1", "colour 2"]
    for part, images in ((report, 24), (test, 12)):
        check_answers(part["classes"], part["confusion_matrix"])
        assert sum(sum(one["confidence"]["answers"]) for one in part["classes"]) == images
    assert 0 < sum(row[at] for at, row in enumerate(report["confusion_matrix"])) < 24, "some are right, some are not"


def test_without_a_test_split_nothing_is_said_of_one(tmp_path: Path):
    told = of_colours(tmp_path, is_tested=False)
    assert "test" not in told.report and set(told.report) == {"classes", "confusion_matrix"}
    assert told.splits() == ["validation"] * 36


def test_every_sample_names_its_split_and_those_of_the_page_come_first(tmp_path: Path):
    told = of_colours(tmp_path)
    samples = told.samples
    assert told.splits() == ["validation"] * 24 + ["test"] * 12, "all of both, as they are few"
    page = np.asarray(Picture.open(told.artifacts["sample_images"]), np.int64)
    assert page.shape == (4 * 152 + 8, 6 * 152 + 8, 3)
    squares = told.lesson._squares["validation"]
    by_name = {image.name: squares.get(index) for index, image in enumerate(squares.images)}
    for place, sample in enumerate(samples[:24]):
        left, top = 8 + place % 6 * 152, 8 + place // 6 * 152
        drawn = page[top : top + 144, left : left + 144]
        whole = np.asarray(Picture.fromarray(by_name[sample["path"]]).resize((144, 144), Picture.Resampling.NEAREST))
        assert np.abs(drawn[8:-8, 8:-8] - whole[8:-8, 8:-8]).mean() < 15, sample
        colour = GREEN if sample["truth"] == sample["answer"] else RED
        assert np.abs(drawn[1:3, 20:-20].mean((0, 1)) - colour).max() < 12, sample


def test_of_many_images_the_worst_are_told_first_and_some_others(tmp_path: Path, monkeypatch):
    whole = of_colours(tmp_path / "whole", is_tested=False).samples
    monkeypatch.setattr(classify, "WORST", 5)
    monkeypatch.setattr(classify, "EVEN", 4)
    few = of_colours(tmp_path / "few", is_tested=False).samples
    assert few[:5] == whole[:5] and 5 < len(few) <= 9
    spread = {sample["path"] for sample in few[5:]}
    assert spread <= {sorted(sample["path"] for sample in whole)[at * 9] for at in range(4)}
    wrong = [sample["truth"] != sample["answer"] for sample in whole]
    assert wrong == sorted(wrong, reverse=True), "mistakes first"


class Seeing(nn.Module):
    """Says of each image what it has been told to, image by image."""

    def __init__(self, said: list[tuple[list[list[float]], list[list[float]]]]):
        super().__init__()
        self.said = said

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        now, self.said = self.said[: len(pixels)], self.said[len(pixels) :]
        return torch.tensor([boxes for boxes, _ in now]), torch.tensor([scores for _, scores in now])


def of_shapes(folder: Path, shapes: tuple[Path, Path], is_tested: bool = True) -> Reports:
    """The n-th image of a split has so many objects right, and one that is not there in every second."""
    spec = spec_of(folder, with_test(shapes) if is_tested else shapes, **DETECT)
    lesson = Detect(spec, read_manifest(spec.manifest), quantized.FileBoxes())
    said = []
    for split in ("validation", "test"):
        for index in range(lesson.count(split)):
            boxes = lesson.lot(split, [index], None).truth[0][1]
            scores = [[0.0, 0.0] for _ in boxes.classes] + [[0.0, 0.9 if index % 2 else 0.1]]
            for at, shape in enumerate(boxes.classes):
                scores[at][shape] = 0.6 if at < index % 3 else 0.07
            said.append(([*boxes.corners.tolist(), [0.0, 0.0, 5.0, 5.0]], scores))
    return Reports(spec, lesson, Seeing(said))


def test_a_detector_counts_its_answers_at_half_an_overlap_in_both_splits(shapes, tmp_path: Path):
    told = of_shapes(tmp_path, shapes)
    report, test = told.report, told.report["test"]
    assert set(test) == {"classes", "rows", "confusion_matrix", "pr_curve"}
    assert test["rows"] == ["square", "disc", "background"] == told.read("confusion_matrix")["classes"]
    assert {name: len(value) for name, value in test["pr_curve"].items() if name != "iou"} == {"recall": 101, "classes": 2}
    assert set(test["pr_curve"]) == set(told.read("pr_curve")), "as the file that validation has"
    for part in (report, test):
        truths = sum(one["support"] for one in part["classes"])
        answers = [sum(one["confidence"]["answers"]) for one in part["classes"]]
        right = [sum(one["confidence"]["right"]) for one in part["classes"]]
        assert (truths, sum(right), sum(answers)) == (12, 12, 12 + 6), "each object, and one that is not there by image"
        for one in part["classes"]:
            assert len(one["confidence"]["answers"]) == len(one["confidence"]["right"]) == 100
        surest = part["classes"][1]["confidence"]
        # 0.9 has no number of 32 bits: what is there is a bit less.
        assert (surest["answers"][89], surest["right"][89]) == (3, 0) and len(part["confusion_matrix"]) == 3


def test_of_a_class_that_does_not_occur_nothing_is_counted(tmp_path: Path, shapes):
    from trainyard_sdk.average_precision import Found, Truth, average_precision

    box = np.array([0.0, 0, 10, 10])
    found = [[Found(0, 0.5, box), Found(1, 0.9, box)]]
    there, absent = average_precision(2, [[Truth(0, box)]], found).classes
    assert (sum(there.answered["answers"]), there.answered["right"][50]) == (1, 1)
    assert absent.answered == {"answers": [], "right": []}
    crowd = [[Truth(0, box), Truth(0, box + 20, crowd=True)]]
    counted = average_precision(1, crowd, [[Found(0, 0.5, box), Found(0, 0.7, box + 20)]]).classes[0].answered
    assert sum(counted["answers"]) == 1, "what lies on a crowd is not counted"


def errors(sample: dict[str, Any]) -> int:
    """Where each answer lies wholly on an object of its class or on none."""
    sure = [one for one in sample["predictions"] if one["confidence"] >= 0.25]
    right = sum(
        any(one["class"] == truth["class"] and one["bbox"] == truth["bbox"] for truth in sample["truths"]) for one in sure
    )
    return len(sure) + len(sample["truths"]) - 2 * right


def test_images_with_the_most_errors_are_told_first(shapes, tmp_path: Path, monkeypatch):
    told = of_shapes(tmp_path / "whole", shapes)
    assert told.splits() == ["validation"] * 6 + ["test"] * 6
    for split in ("validation", "test"):
        of_split = [errors(sample) for sample in told.samples if sample["split"] == split]
        assert of_split == sorted(of_split, reverse=True) and of_split[0] == 3 and of_split[-1] == 0, of_split
    for sample in told.samples:
        sure = [one["confidence"] for one in sample["predictions"]]
        assert sure == sorted(sure, reverse=True), "the surest first"
    lowest = min(one["confidence"] for sample in told.samples for one in sample["predictions"])
    assert lowest == pytest.approx(0.07), "also what a predictor would not be sure enough of"
    monkeypatch.setattr(detect, "WORST", 2)
    monkeypatch.setattr(detect, "EVEN", 2)
    few = of_shapes(tmp_path / "few", shapes, is_tested=False)
    counts = [errors(sample) for sample in few.samples]
    assert len(few.samples) in (3, 4) and counts == sorted(counts, reverse=True) and counts[:2] == [3, 3]


def test_a_mistaken_class_is_one_error():
    from trainyard_sdk.average_precision import Found, Truth
    from trainyard_sdk.matched import faults

    box = np.array([0.0, 0, 10, 10])
    truths = [Truth(0, box), Truth(1, box + 50), Truth(1, box + 90, crowd=True)]
    assert faults(2, truths, [Found(0, 0.9, box), Found(1, 0.8, box + 50)]) == 0
    assert faults(2, truths, [Found(1, 0.9, box), Found(1, 0.2, box + 50)]) == 2, "one mistaken, one missed"
    assert faults(2, truths, [Found(0, 0.9, box), Found(0, 0.8, box), Found(1, 0.9, box + 90)]) == 2, "one twice, one missed"


class Dark(nn.Module):
    output, outputs = "pixels", ["logits"]

    def logits(self, model: nn.Module, pixels: Tensor) -> Tensor:
        return torch.cat([pixels[:, :1], pixels[:, 2:], torch.ones_like(pixels[:, :1])], 1)

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return model


def test_of_pixels_no_confidence_is_told_but_the_test_split_is(shapes, tmp_path: Path):
    spec = spec_of(tmp_path, with_test(shapes), **{**DETECT, "task": "segment", "image_size": 32})
    told = Reports(spec, Segment(spec, read_manifest(spec.manifest)).through(Dark()), nn.Identity())
    test = told.report["test"]
    assert set(test) == {"classes", "rows", "confusion_matrix"} and test["rows"] == ["square", "disc", "background"]
    assert not any("confidence" in one for one in [*test["classes"], *told.report["classes"]])
    assert set(told.artifacts) == {"confusion_matrix"}, "no single image is told about"


@pytest.mark.parametrize(("is_right", "colour"), [(True, GREEN), (False, RED)])
def test_a_frame_says_whether_it_is_right_and_there_is_nothing_else_on_the_page(
    is_right: bool, colour: tuple[int, int, int]
):
    ground = np.full((8, 8, 3), 200, np.uint8)
    page = np.asarray(Picture.open(io.BytesIO(framed_page([(ground, is_right)]))), np.int64)
    assert page.shape == (160, 160, 3)
    assert np.abs(page[9:11, 40:120].mean((0, 1)) - colour).max() < 8
    assert page[80, 12].min() > 215, "a light line within"
    assert np.abs(page[16:144, 16:144] - 200).max() < 12, "the image is left as it is, without a letter"
    assert np.abs(page[:5] - 24).max() < 30 and np.abs(page[-5:] - 24).max() < 30, "JPEG blurs colours into the gap"


def test_a_training_leaves_what_its_lesson_tells(tmp_path: Path):
    data = with_test(few_colours(tmp_path / "colours", each=18))
    job = Job("timm", tmp_path / "job", *data, model="test_resnet", epochs=1, batch_size=8)
    assert job.run() == 0, job.console
    report, samples = (json.loads(job.artifacts()[role].read_text()) for role in ("report", "sample_predictions"))
    test = report["test"]
    check_answers(test["classes"], test["confusion_matrix"])
    right = sum(row[at] for at, row in enumerate(test["confusion_matrix"]))
    assert report["measurements"]["test_accuracy"] == pytest.approx(right / 9)
    assert [sample["split"] for sample in samples] == ["validation"] * 9 + ["test"] * 9
    assert Picture.open(job.artifacts()["sample_images"]).size == (6 * 152 + 8, 2 * 152 + 8), "of validation alone"
