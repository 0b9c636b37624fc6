"""Boxes and regions: their measuring, and how changes move them along."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from torch import nn
from trainyard_sdk.average_precision import Found, Truth, average_precision
from trainyard_sdk.draws import Random
from trainyard_sdk.failure import Failure
from trainyard_sdk.inert import read_modules
from trainyard_sdk.manifest import Image, Label
from trainyard_sdk.matched import matched
from trainyard_sdk.regions import IGNORED, class_map
from trainyard_sdk.regions import vary as vary_regions
from trainyard_sdk.scenes import to_image, to_square, vary

NAMES = ["ap50_95", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"]
# Printed by pycocotools for the cases below.
COCO = {
    1: [0.22114725758290116, 0.38960396039603956, 0.1818717586044319, 0.41485148514851483, 0.1777342019916277, 0.25165016501650167],
    2: [0.1700374990517048, 0.3144904234013144, 0.14936914936914936, 0.24999999999999997, 0.19804450683163555, 0.27395739573957395],
    3: [0.18425528267112426, 0.401987698769877, 0.08474418870458474, 0.4222222222222221, 0.1625962596259626, 0.24554455445544554],
}  # fmt: skip


def drawn_box(random: Random) -> tuple[float, float, float, float]:
    x, y = random.between(0, 300), random.between(0, 300)
    return x, y, random.between(8, 160), random.between(8, 160)


def case(seed: int) -> tuple[list[list[Truth]], list[list[Found]]]:
    """Twelve images of three classes with crowds, answers near the truths and answers anywhere."""
    random, truths, found = Random([seed]), [], []
    for _ in range(12):
        there, answers = [], []
        for _ in range(random.below(6)):
            x, y, w, h = drawn_box(random)
            there.append(Truth(random.below(3), np.array([x, y, x + w, y + h]), random.chance(0.1)))
            for _ in range(random.below(3)):
                off = [random.between(-0.15, 0.15) for _ in range(4)]
                index = there[-1].class_index if random.chance(0.8) else random.below(3)
                score = round(random.unit(), 3)
                corners = [x + off[0] * w, y + off[1] * h, x + w + off[2] * w, y + h + off[3] * h]
                answers.append(Found(index, score, np.array(corners)))
        for _ in range(random.below(4)):
            x, y, w, h = drawn_box(random)
            answers.append(Found(random.below(3), round(random.unit(), 3), np.array([x, y, x + w, y + h])))
        truths.append(there)
        found.append(answers)
    return truths, found


@pytest.mark.parametrize("seed", COCO)
def test_average_precision_is_cocos(seed: int):
    measured = average_precision(3, *case(seed)).measurements
    assert [measured[name] for name in NAMES] == pytest.approx(COCO[seed], abs=1e-12)


def test_nothing_there_and_nothing_found():
    assert average_precision(2, [[]], [[]]).measurements == {"ap50_95": 0.0, "ap50": 0.0, "ap75": 0.0}
    one = Truth(0, np.array([0.0, 0, 9, 9]))
    assert average_precision(2, [[one]], [[]]).measurements["ap50"] == 0.0
    assert average_precision(2, [[one]], [[Found(0, 0.9, one.corners)]]).measurements["ap50_95"] == pytest.approx(1.0)


def test_what_is_taken_for_what():
    box, other = np.array([0.0, 0, 10, 10]), np.array([50.0, 50, 60, 60])
    truths = [[Truth(0, box), Truth(1, other), Truth(1, other + 40, crowd=True)]]
    found = [
        [Found(0, 0.9, box), Found(0, 0.8, other), Found(1, 0.7, other + 40), Found(1, 0.6, box + 25), Found(1, 0.1, other)]
    ]
    assert matched(2, truths, found).counts == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]


WIDE = Image("0" * 64, "a.png", 200, 100, "train", [Label(1, box=(20, 10, 40, 20)), Label(0, box=(0, 0, 9, 9), crowd=True)])


def test_boxes_go_to_the_square_and_back():
    boxes = to_square(WIDE, 100)
    assert boxes.corners.tolist() == [[10, 30, 30, 40]] and boxes.classes.tolist() == [1]
    assert to_image(boxes.corners.astype(float), WIDE, 100).tolist() == [[20, 10, 60, 30]]
    assert to_image(np.array([[-9.0, 0, 500, 99]]), WIDE, 100).tolist() == [[0, 0, 200, 100]], "cut to the image"


def test_a_change_moves_a_box_with_what_is_in_it():
    pixels = np.full((64, 64, 3), 20, np.uint8)
    image = Image("0" * 64, "a", 64, 64, "train", [Label(0, box=(20, 24, 16, 12))])
    pixels[24:36, 20:36] = 250
    moved = set()
    for key in range(30):
        made, boxes = vary("standard", pixels, to_square(image, 64), Random([key]))
        ys, xs = np.nonzero(made[..., 0].astype(int) > 170)
        if not len(boxes.corners):
            continue
        x1, y1, x2, y2 = boxes.corners[0]
        assert abs(xs.min() - x1) <= 2 and abs(xs.max() + 1 - x2) <= 2, key
        assert abs(ys.min() - y1) <= 2 and abs(ys.max() + 1 - y2) <= 2, key
        moved.add((round(float(x1)), round(float(x2))))
    assert len(moved) > 10


def test_a_box_that_is_hardly_seen_any_more_is_left_out():
    from trainyard_sdk.scenes import Boxes, Change, moved_boxes

    boxes = Boxes(np.array([[0, 0, 10, 10], [50, 50, 60, 60]], np.float32), np.array([0, 1]))
    left, stays = moved_boxes(boxes, Change(64, 1.0, [-9.0, 0.0], False))
    assert left.classes.tolist() == [1] and left.corners.tolist() == [[41, 50, 51, 60]] and stays.tolist() == [False, True]
    assert moved_boxes(boxes, Change(64, 1.0, [-9.0, 0.0], True))[0].corners.tolist() == [[13, 50, 23, 60]]


def test_regions_are_drawn_the_largest_first():
    whole = [0, 0, 8, 0, 8, 4, 0, 4]
    # Runs down the columns: the two middle columns.
    runs = [12, 8, 12]
    image = Image("0" * 64, "a", 8, 4, "train", [Label(2, mask=runs), Label(1, polygon=[whole])])
    found = class_map(image, 8, 3)
    assert (found[:2] == IGNORED).all() and (found[6:] == IGNORED).all(), "borders are of no class"
    assert found[3].tolist() == [1, 1, 1, 2, 2, 1, 1, 1]
    crowd = Image("0" * 64, "a", 8, 4, "train", [Label(1, polygon=[[0, 0, 3, 0, 3, 3, 0, 3]], crowd=True)])
    assert set(np.unique(class_map(crowd, 8, 7))) == {7, IGNORED}


def test_regions_move_with_their_pixels():
    classes = np.zeros((64, 64), np.uint8)
    classes[20:40, 16:30] = 1
    pixels = np.repeat((classes * 200 + 20)[..., None], 3, 2)
    for key in range(20):
        made, moved = vary_regions("standard", pixels, classes, Random([key]))
        inside = made[moved == 1][:, 0].astype(int)
        assert len(inside) == 0 or (inside > 120).mean() > 0.85, key
        assert set(np.unique(moved)) <= {0, 1, IGNORED}


class Saved(nn.Module):
    """As a training script would save it: the whole module."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


def test_a_whole_module_is_read_without_what_it_would_run(tmp_path: Path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    model = Saved().half()
    torch.save({"epoch": 3, "ema": None, "model": model, "evil": Evil()}, tmp_path / "w.pt")
    read = read_modules(tmp_path / "w.pt", ("ema", "model"))
    assert set(read) == set(model.state_dict()) and read["layer.0.weight"].dtype == torch.float32
    assert torch.equal(read["layer.0.weight"], model.layer[0].weight.float())
    assert not (tmp_path / "ran").exists()
    for content in (b"", b"<html>", b"PK\x03\x04"):
        (tmp_path / "bad.pt").write_bytes(content)
        with pytest.raises(Failure):
            read_modules(tmp_path / "bad.pt", ("model",))
    torch.save({"epoch": 3}, tmp_path / "none.pt")
    with pytest.raises(Failure, match="holds no model"):
        read_modules(tmp_path / "none.pt", ("model",))


def test_a_page_is_an_image():
    import io

    from trainyard_sdk.page import framed_page

    page = framed_page([(np.zeros((8, 8, 3), np.uint8), False)] * 7)
    assert Picture.open(io.BytesIO(page)).size == (6 * 152 + 8, 2 * (144 + 8) + 8)
