"""Masks and poses: their measuring, how changes move them along, and what the reports tell of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import DETECT, Job
from torch import Tensor, nn
from trainyard_sdk import quantized
from trainyard_sdk.average_precision import Alike, Found, Truth, average_precision
from trainyard_sdk.card import IMAGENET, Preprocessing
from trainyard_sdk.draws import Random
from trainyard_sdk.evaluate import evaluate
from trainyard_sdk.failure import Failure
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.manifest import Image, Label, read_manifest
from trainyard_sdk.masks import Masks, covered, overlaps
from trainyard_sdk.outline import rings
from trainyard_sdk.poses import Poses, likeness
from trainyard_sdk.reports import accounts_of, in_report
from trainyard_sdk.shapes import _boxed
from trainyard_sdk.spec import Spec, read_spec
from trainyard_sdk.surest import surest_masks, surest_poses

# Printed by pycocotools for the cases below: AP, AP50 and AP75.
NAMES = ["ap50_95", "ap50", "ap75"]
COCO_MASKS = {
    1: [0.4243471874659993, 0.6594615505506595, 0.3299544240138299],
    2: [0.3688726729815838, 0.6837912362664839, 0.2597145428828597],
    3: [0.41212426004505204, 0.4996280580438996, 0.3333333333333333],
}
COCO_POINTS = {
    1: [0.1955466260911806, 0.7310981098109811, 0.03182461103253182],
    2: [0.2784288071664309, 0.6608910891089107, 0.1547029702970297],
    3: [0.2956519965183332, 0.9543031226199543, 0.11386138613861382],
}
CELLS, POINTS = 16, 3


def drawn_mask(random: Random) -> np.ndarray:
    """Two rectangles of cells."""
    mask = np.zeros((CELLS, CELLS), np.float32)
    for _ in range(2):
        x, y, w, h = random.below(10), random.below(10), 2 + random.below(5), 2 + random.below(5)
        mask[y : y + h, x : x + w] = 1
    return mask


def box_around(mask: np.ndarray) -> np.ndarray:
    ys, xs = np.nonzero(mask)
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], np.float64)


def masks_of(seed: int) -> tuple[list[list[tuple[int, bool, np.ndarray]]], list[list[tuple[int, float, np.ndarray]]]]:
    """By image, of three classes: objects with crowds among them, and answers near them and anywhere."""
    random, truths, found = Random([seed]), [], []
    for _ in range(12):
        there = [(random.below(3), random.chance(0.1), drawn_mask(random)) for _ in range(random.below(5))]
        near = [(of, round(random.unit(), 3), np.roll(mask, random.below(2), 1)) for of, _, mask in there]
        far = [(random.below(3), round(random.unit(), 3), drawn_mask(random)) for _ in range(random.below(3))]
        truths.append(there)
        found.append(near + far)
    return truths, found


@pytest.mark.parametrize("seed", COCO_MASKS)
def test_average_precision_of_masks_is_cocos(seed: int):
    there, answered = masks_of(seed)
    truths = [[Truth(of, box_around(mask), crowd) for of, crowd, mask in image] for image in there]
    found = [[Found(of, score, box_around(mask)) for of, score, mask in image] for image in answered]
    alike: Alike = []
    for objects, answers in zip(there, answered, strict=True):
        flat = [np.array([one[2] for one in of], np.float32).reshape(-1, CELLS**2) for of in (answers, objects)]
        alike.append(overlaps(*map(torch.from_numpy, flat), torch.tensor([crowd for _, crowd, _ in objects])))
    measured = average_precision(3, truths, found, alike).measurements
    assert [measured[name] for name in NAMES] == pytest.approx(COCO_MASKS[seed], abs=1e-6)


def points_of(seed: int) -> tuple[list[list[tuple[Truth, np.ndarray]]], list[list[tuple[Found, np.ndarray]]]]:
    """By image, of two classes: objects with points, of some of which none is known, and answers near them."""
    random, truths, found = Random([seed]), [], []
    for _ in range(12):
        there, answers = [], []
        for _ in range(random.below(5)):
            x, y, side = random.between(0, 200), random.between(0, 200), random.between(40, 120)
            points = np.array([[x + random.unit() * side, y + random.unit() * side, 2.0] for _ in range(POINTS)])
            points[:, 2] *= [random.chance(0.8) for _ in range(POINTS)]
            truth = Truth(random.below(2), np.array([x, y, x + side, y + side]), crowd=not points[:, 2].any())
            there.append((truth, points))
            off = points + [[side * random.between(-0.6, 0.6), side * random.between(-0.6, 0.6), 0] for _ in range(POINTS)]
            answers.append((Found(truth.class_index, round(random.unit(), 3), truth.corners), off))
        truths.append(there)
        found.append(answers)
    return truths, found


@pytest.mark.parametrize("seed", COCO_POINTS)
def test_average_precision_of_poses_is_cocos(seed: int):
    there, answered = points_of(seed)
    truths, found = ([[one for one, _ in image] for image in of] for of in (there, answered))
    stacked = lambda image: np.array([points for _, points in image]).reshape(-1, POINTS, 3)  # noqa: E731
    alike = [
        likeness(stacked(answers), stacked(objects), *parts)
        for answers, objects, *parts in zip(answered, there, found, truths, strict=True)
    ]
    measured = average_precision(2, truths, found, alike).measurements
    assert [measured[name] for name in NAMES] == pytest.approx(COCO_POINTS[seed], abs=1e-6)


def test_a_mask_of_outlines_is_that_of_runs():
    outline = [20.0, 10, 60, 10, 60, 30, 20, 30]
    inside = np.zeros((50, 100), bool)
    inside[10:30, 20:60] = True
    flat = inside.T.ravel()
    changes = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *changes, flat.size]).tolist()
    image = Image("0" * 64, "a", 100, 50, "train", [])
    drawn, decoded = (covered(label, image, 200) for label in (Label(0, polygon=[outline]), Label(0, mask=runs)))
    cells = 40 * 20 * 4 / 16
    assert drawn.shape == decoded.shape == (50, 50)
    assert drawn.sum() / 255 == pytest.approx(cells, rel=0.01) and decoded.sum() / 255 == pytest.approx(cells, rel=0.01)
    assert np.abs(drawn.astype(int) - decoded).max() < 40
    beyond = covered(Label(0, polygon=[[-20.0, -20, 40, -20, 40, 30, -20, 30]]), image, 200)
    assert beyond.sum() / 255 == pytest.approx(40 * 30 * 4 / 16 + 40 * 20 * 4 / 16, rel=0.02), "cut at the square"


def test_an_object_without_a_box_gets_one_around_its_shape():
    shaped = [
        Label(0, polygon=[[10.0, 4, 30, 8, 20, 20]]),
        Label(0, mask=[11, 2, 3 + 5, 2, 41]),
        Label(0, keypoints=[[5.0, 6, 2], [0, 0, 0], [9, 3, 1]]),
        Label(0, box=(1, 2, 3, 4), polygon=[[10.0, 4, 30, 8, 20, 20]]),
        Label(0),
    ]
    boxes = [label.box for label in _boxed(Image("0" * 64, "a", 8, 8, "train", shaped)).labels]
    assert boxes == [(10, 4, 20, 16), (1, 3, 2, 4), (5, 3, 4, 3), (1, 2, 3, 4), None]


def area(ring: list[tuple[int, int]]) -> float:
    """Below 0 of a hole."""
    sides = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in sides) / 2


def test_rings_go_around_what_is_set_and_around_its_holes():
    mask = np.zeros((6, 7), bool)
    mask[1:5, 1:5] = True
    mask[2, 2] = False
    mask[5, 5] = True
    found = sorted(rings(mask), key=len)
    areas = [area(ring) for ring in found]
    assert sum(areas) == mask.sum() == 16, found
    assert sorted(areas)[0] == -1 and all(len(ring) % 2 == 0 for ring in found)
    assert rings(np.zeros((3, 3), bool)) == []


class Told:
    """Says of each image what it has been told to, image by image."""

    losses: tuple[str, ...] = ()

    def __init__(self, output: str, outputs: list[str]):
        self.output, self.outputs = output, outputs
        self.said: list[tuple[Tensor, ...]] = []

    def learn(self, model: nn.Module, pixels: Tensor, boxes: list[Any]) -> list[Tensor]:
        return []

    def see(self, model: nn.Module, pixels: Tensor) -> list[tuple[Tensor, ...]]:
        now, self.said = self.said[: len(pixels)], self.said[len(pixels) :]
        return now

    def for_onnx(self, model: nn.Module, side: int) -> nn.Module:
        return model


def spec_of(folder: Path, data: tuple[Path, Path], **changes: Any) -> Spec:
    return read_spec(Job("timm", folder / "job", *data, model="none", **{**DETECT, **changes}).spec)


def told_of(lesson: Any, spec: Spec) -> tuple[dict[str, float], dict[str, Any], list[dict[str, Any]]]:
    """Measurements, report and samples of the validation split."""
    how = Preprocessing(spec.config.image_size, "letterbox", *IMAGENET)
    found = evaluate(lesson, spec, how, Hardware("cpu", 1), nn.Identity(), "validation", None)
    account = accounts_of(lesson, {"validation": found})
    report = json.loads(json.dumps([in_report(account), account["validation"].samples]))
    return found.measurements, *report


def test_masks_are_judged_by_masks_and_told_as_outlines(shapes, tmp_path: Path):
    spec = spec_of(tmp_path, shapes, task="segment")
    lesson = Masks(spec, read_manifest(spec.manifest), detector := Told("masks", ["boxes"]))
    sure = torch.full((2,), 0.9)
    for index in range(lesson.count("validation")):
        scene = lesson.lot("validation", [index], None).truth[0][1]
        masks = torch.from_numpy(scene.masks >= 0.5)
        # Every second image has the right boxes and half of what is in them.
        masks[:, : 16 * (index % 2)] = False
        detector.said.append((torch.from_numpy(scene.corners), sure, torch.from_numpy(scene.classes), masks))
    measured, report, samples = told_of(lesson, spec)
    assert measured["ap50"] == pytest.approx(1.0) and measured["precision"] == 1.0, "the boxes are right"
    assert 0.1 < measured["mask_ap50"] < 0.9 and 0.1 < measured["mask_recall"] < 0.9, measured
    present = [one["ap"] for one in report["classes"]]
    assert sum(present) / len(present) == pytest.approx(measured["mask_ap50_95"])
    assert sum(sum(one["confidence"]["right"]) for one in report["classes"]) < 24
    worst, best = samples[0], samples[-1]
    assert all(len(one["polygons"][0]) >= 4 for one in best["truths"] + best["predictions"])
    for said, truth in zip(best["predictions"], best["truths"], strict=True):
        near = min(
            np.abs(np.array(said["polygons"][0]).min(0) - np.array(other["polygons"][0]).min(0)).max()
            for other in best["truths"]
        )
        assert said["class"] and truth["class"] and near < 4, "to a cell"
    assert len(worst["predictions"]) == 2


def test_poses_are_judged_by_points_and_told_as_such(shapes, tmp_path: Path):
    spec = spec_of(tmp_path, shapes, task="pose")
    lesson = Poses(spec, read_manifest(spec.manifest), detector := Told("keypoints", ["boxes"]))
    for index in range(lesson.count("validation")):
        scene = lesson.lot("validation", [index], None).truth[0][1]
        points = torch.from_numpy(scene.points.copy())
        points[..., :2] += 60 * (index % 2)
        corners, classes = torch.from_numpy(scene.corners), torch.from_numpy(scene.classes)
        detector.said.append((corners, torch.full((2,), 0.9), classes, points))
    measured, report, samples = told_of(lesson, spec)
    assert measured["ap50"] == pytest.approx(1.0) and 0.1 < measured["keypoint_ap50"] < 0.9, measured
    right = sum(sum(one["confidence"]["right"]) for one in report["classes"])
    assert right == 12, "two objects of every second image"
    best = samples[-1]
    truths = {tuple(np.round(one["keypoints"], 1).ravel()) for one in best["truths"]}
    assert {tuple(np.round(one["keypoints"], 1).ravel()) for one in best["predictions"]} == truths


def test_what_nobody_knows_a_point_of_is_not_judged(shapes, tmp_path: Path):
    manifest = read_manifest(shapes[0])
    for image in manifest.images:
        if image.split == "validation":
            image.labels[0] = Label(image.labels[0].class_index, box=image.labels[0].box)
    spec = spec_of(tmp_path, shapes, task="pose")
    lesson = Poses(spec, manifest, detector := Told("keypoints", ["boxes"]))
    for index in range(lesson.count("validation")):
        scene = lesson.lot("validation", [index], None).truth[0][1]
        parts = [torch.from_numpy(part) for part in (scene.corners, scene.classes, scene.points)]
        detector.said.append((parts[0], torch.full((2,), 0.9), parts[1], parts[2]))
    measured, report, _ = told_of(lesson, spec)
    assert measured["keypoint_ap50_95"] == pytest.approx(1.0) and measured["ap50"] == pytest.approx(1.0)
    assert sum(one["support"] for one in report["classes"]) == 12, "one of the two of each image"


@pytest.mark.parametrize("task", ["segment", "pose"])
def test_a_change_moves_shapes_with_what_is_on_them(tmp_path: Path, task: str, shapes):
    """The middle of a mask and the mean of two points are where the middle of the colour is."""
    spec = spec_of(tmp_path, shapes, task=task, augmentation="standard")
    lesson = {"segment": Masks, "pose": Poses}[task](spec, read_manifest(spec.manifest), Told("masks", []))
    lesson._mirrored = [1, 0]
    looked_at = 0
    for epoch in range(1, 9):
        lot = lesson.lot("train", list(range(12)), epoch)
        for pixels, (_, scene) in zip(lot.pixels, lot.truth, strict=True):
            wide = pixels.astype(int)
            for at, corners in enumerate(scene.corners):
                x1, y1, x2, y2 = corners
                if x1 < 1 or y1 < 1 or x2 > 127 or y2 > 127:
                    continue
                red = wide[..., 0] - wide[..., 2] if scene.classes[at] == 0 else wide[..., 2] - wide[..., 0]
                near = np.zeros((128, 128), bool)
                near[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1] = True
                ys, xs = np.nonzero((red > 60) & near)
                middle = np.array([xs.mean(), ys.mean()]) + 0.5
                if task == "segment":
                    rows, columns = np.nonzero(scene.masks[at] > 0.5)
                    said = np.array([columns.mean(), rows.mean()]) * 4 + 2
                else:
                    said = scene.points[at, :, :2].mean(0)
                    # Left stays left, as its name is changed in a mirror.
                    assert scene.points[at, 0, 0] < scene.points[at, 1, 0]
                looked_at += 1
                assert np.abs(said - middle).max() < 2.5, (epoch, at, said, middle)
    assert looked_at > 60


def test_nothing_is_mirrored_where_left_and_right_are_not_known(shapes, tmp_path: Path):
    spec = spec_of(tmp_path, shapes, task="pose", augmentation="standard")
    lesson = Poses(spec, read_manifest(spec.manifest), Told("keypoints", []))
    assert "flip" not in lesson.notes()["augmentation"]
    for epoch in range(1, 5):
        for _, scene in lesson.lot("train", list(range(12)), epoch).truth:
            assert (scene.points[:, 0, 0] < scene.points[:, 1, 0]).all()


def test_a_point_that_leaves_the_square_is_not_known_any_more(shapes, tmp_path: Path):
    spec = spec_of(tmp_path, shapes, task="pose", augmentation="light")
    lesson = Poses(spec, read_manifest(spec.manifest), Told("keypoints", []))
    lots = [lesson.lot("train", list(range(40)), epoch) for epoch in range(1, 20)]
    points = np.concatenate([scene.points.reshape(-1, 3) for lot in lots for _, scene in lot.truth])
    is_outside = ((points[:, :2] < 0) | (points[:, :2] >= 128)).any(1)
    assert is_outside.any() and (points[is_outside, 2] == 0).all() and (points[~is_outside, 2] == 2).all()


def test_without_key_points_to_learn_from_it_is_refused(shapes, tmp_path: Path):
    manifest = read_manifest(shapes[0])
    for image in manifest.images:
        image.labels[:] = [Label(label.class_index, box=label.box) for label in image.labels]
    with pytest.raises(Failure, match="key points"):
        Poses(spec_of(tmp_path, shapes, task="pose"), manifest, Told("keypoints", []))


def test_masks_are_what_a_predictor_would_cut_out():
    boxes = torch.tensor([[0.0, 0, 8, 8], [4, 4, 14, 12], [4, 4, 14, 12.5]])
    scores = torch.tensor([[0.2, 0.0], [0.0, 0.9], [0.0, 0.8]])
    coefficients, prototypes = torch.tensor([[1.0, 0], [0, 1], [1, 1]]), torch.ones(2, 4, 4)
    prototypes[1, :, 2] = -1
    corners, sure, classes, masks = surest_masks(boxes, scores, coefficients, prototypes)
    assert (corners.tolist(), sure.tolist(), classes.tolist()) == (boxes[[1, 0]].tolist(), pytest.approx([0.9, 0.2]), [1, 0])
    wanted = torch.zeros(2, 4, 4, dtype=torch.bool)
    # The middle of the fourth column, 14, is no part of the box.
    wanted[0, 1:3, 1], wanted[1, :2, :2] = True, True
    assert torch.equal(masks, wanted)
    told = surest_poses(boxes, scores, torch.arange(3.0).reshape(3, 1, 1).repeat(1, 2, 3))
    assert told[3][:, 0, 0].tolist() == [1, 0], "of the places that are told"


@pytest.mark.parametrize("lesson", [Masks, Poses])
def test_neither_answers_in_int8(shapes, tmp_path: Path, lesson: Any):
    spec = spec_of(tmp_path, shapes, task={Masks: "segment", Poses: "pose"}[lesson], options={"answers": "int8"})
    made = lesson(spec, read_manifest(spec.manifest), Told({Masks: "masks", Poses: "keypoints"}[lesson], []))
    with pytest.raises(Failure, match="int8"):
        quantized.check(spec, made)
