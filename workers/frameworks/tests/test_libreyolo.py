"""The families of LibreYOLO beside what the package itself does, in its own environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import DEADLINE_S, FRAMEWORKS, environment_of

# A network as its authors would publish it, on one picture of 96 pixels' side: read by the package, and by us.
BESIDE = """
import importlib, json, sys

import numpy as np
import torch
from trainyard_libreyolo.catalog import NAMES
from trainyard_libreyolo.runner import LibreYolo
from trainyard_sdk import weights
from trainyard_sdk.masks import Outlined
from trainyard_sdk.poses import Posed
from trainyard_sdk.scenes import Boxes

runner, name = LibreYolo(), sys.argv[1]
task = NAMES[name][0].task
torch.manual_seed(0)


def build():
    return runner.build_pose(name, 2, 3, 96) if task == "pose" else runner.build(name, task, 2, 96)


model, head = build()
corners, classes = np.array([[10, 20, 50, 70], [40, 40, 90, 95]], np.float32), np.array([0, 1])
kind, shapes = {
    "detect": (Boxes, ()),
    "segment": (Outlined, (np.ones((2, 24, 24), np.float32),)),
    "pose": (Posed, (np.array([[[20, 30, 2], [40, 50, 1], [0, 0, 0]], [[50, 60, 2], [0, 0, 0], [0, 0, 0]]], np.float32),)),
}[task]
boxes = kind(corners, classes, *shapes)
nothing = kind(corners[:0], classes[:0], *(shape[:0] for shape in shapes))
picture = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
mean, std = (torch.tensor(part).view(3, 1, 1) for part in runner.statistics(task, name))
ours = ((torch.from_numpy(picture).permute(2, 0, 1) / 255 - mean) / std)[None]
family = importlib.import_module(f"libreyolo.models.{name.split('-')[0]}.utils")
# Poses are what the package turns colours for elsewhere.
given = picture[..., ::-1] if task == "pose" else picture
theirs = torch.from_numpy(family.preprocess_numpy(given, 96)[0].copy())[None]

losses = head.learn(model.train(), ours.repeat(2, 1, 1, 1), [boxes, nothing])
sum(losses).backward()
# What is filled with the sum of others where a network is put to use learns nothing.
learning = [(key, value) for key, value in model.named_parameters() if value.requires_grad and "rbr_reparam" not in key]
untaught = [key for key, value in learning if value.grad is None]
model.eval()
empty = [float(loss.detach()) for loss in head.learn(model, ours, [nothing])]

published = {key: value.clone() for key, value in model.state_dict().items()}
places, kept = set(), {}
for key, value in model.state_dict().items():
    if not value.numel() or value.data_ptr() not in places:
        kept[key] = published[key]
    places.add(value.data_ptr())
started, _ = build()
report = weights.start_from(started, runner.native(kept, started))


def first(network, pixels):
    "What the first layer makes of them."
    seen = []
    layer = next(module for module in network.modules() if isinstance(module, torch.nn.Conv2d))
    layer = network.backbone.stem if name.startswith("yolonas") else layer
    with layer.register_forward_hook(lambda *told: seen.append(told[-1])), torch.no_grad():
        network.eval()(pixels)
    return seen[0]


wanted = first(model, theirs)
print(json.dumps({
    "untaught": untaught,
    "losses": len(losses) == len(head.losses),
    "empty": empty,
    "missing": report.missing,
    "shared": len(published) - len(kept),
    "ours": float((first(started, ours) - wanted).abs().max() / wanted.abs().max()),
    "unturned": float((first(model, ours) - wanted).abs().max() / wanted.abs().max()),
}))
"""


# What the ONNX file of a network answers, and what the package makes of what the network itself does.
ANSWERS = """
import json, sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from libreyolo.postprocess.dfine import postprocess_seg
from libreyolo.postprocess.yolonas import postprocess_pose
from trainyard_libreyolo.runner import LibreYolo
from trainyard_sdk.card import Card, Preprocessing
from trainyard_sdk.onnx_file import write_onnx

SIDE = 256
runner, name, path = LibreYolo(), sys.argv[1], Path(sys.argv[2])
torch.manual_seed(0)
task = "pose" if name.endswith("pose") else "segment"
model, head = runner.build_pose(name, 2, 3, SIDE) if task == "pose" else runner.build(name, task, 2, SIDE)
model.eval()
images = torch.rand(2, 3, SIDE, SIDE)
card = Card(task, name, ["a", "b"], Preprocessing(SIDE, "letterbox", (0.0,) * 3, (1.0,) * 3))
write_onnx(path, head.for_onnx(model, SIDE), card, head.output, head.outputs, images)
session = onnxruntime.InferenceSession(path)
ours = dict(zip(head.outputs, session.run(head.outputs, {"images": images[:1].numpy()})))
with torch.no_grad():
    raw = model(images[:1])
scores = ours["scores"][0]
least = float(np.sort(scores.max(1))[-200])
worst, found, cells_in, cells_set = 0.0, 0, 0, 0


def cells(at):
    return np.einsum("k,khw->hw", ours["coefficients"][0][at], ours["prototypes"][0]) > 0


if task == "segment":
    # In cells, of which nothing has to be mixed.
    theirs = postprocess_seg(raw, conf_thres=least - 1e-6, original_size=(SIDE // 4, SIDE // 4))
    theirs["boxes"] = theirs["boxes"] * 4
else:
    theirs = postprocess_pose(raw, conf_thres=least - 1e-6, input_size=SIDE)
for index in range(theirs["num_detections"]):
    box, score, of = (np.asarray(theirs[part][index]) for part in ("boxes", "scores", "classes"))
    at = int((np.abs(ours["boxes"][0] - box).max(1) + np.abs(scores[:, int(of)] - score)).argmin())
    worst = max(worst, float(np.abs(ours["boxes"][0][at] - box).max()), float(abs(scores[at, int(of)] - score)))
    found += 1
    if task == "pose":
        worst = max(worst, float(np.abs(ours["keypoints"][0][at] - np.asarray(theirs["keypoints"][index])).max()))
        continue
    y, x = np.mgrid[: SIDE // 4, : SIDE // 4]
    inside = (x >= box[0] / 4) & (x < box[2] / 4) & (y >= box[1] / 4) & (y < box[3] / 4)
    mine, other = cells(at)[inside], theirs["masks"][index].numpy()[inside]
    cells_in, cells_set = cells_in + inside.sum(), cells_set + other.sum()
    worst = max(worst, float((mine != other).mean()) if inside.any() else 0.0)
print(json.dumps({"worst": worst, "found": found, "cells_in": int(cells_in), "cells_set": int(cells_set)}))
"""


@pytest.mark.parametrize("name", ["dfine-n-seg", "yolonas-n-pose"])
def test_the_file_answers_what_the_package_does(tmp_path: Path, name: str):
    told = asked(ANSWERS, name, str(tmp_path / "model.onnx"))
    assert told["found"] >= 10 and told["worst"] < 1e-3, told
    if name == "dfine-n-seg":
        assert 50 < told["cells_set"] < told["cells_in"], told


def beside(name: str) -> dict[str, Any]:
    return asked(BESIDE, name)


def asked(script: str, *arguments: str) -> dict[str, Any]:
    paths = os.pathsep.join(map(str, (FRAMEWORKS / "sdk", FRAMEWORKS / "libreyolo")))
    ran = subprocess.run(
        [environment_of("libreyolo") / "bin" / "python", "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


# By name: whether its authors see blue first, and whether levels share layers.
FAMILIES = {
    "yolo9-t": (False, False),
    "yolox-n": (True, False),
    "rtmdet-t": (True, True),
    "picodet-s": (False, False),
    "dfine-n-seg": (False, True),
    "yolonas-n-pose": (True, False),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_published_weights_see_what_their_authors_showed_them(name: str):
    told, (is_blue_first, is_shared) = beside(name), FAMILIES[name]
    assert told["untaught"] == [] and told["losses"], told
    assert all(0 <= loss < 10 for loss in told["empty"]), "of nothing, little is thought to be there at the start"
    assert told["missing"] == [] and (told["shared"] > 0) == is_shared, told
    assert told["ours"] < 1e-4 and (told["unturned"] > 0.1) == is_blue_first, told


def test_what_is_described_is_what_the_package_has_for_each_task():
    said = "print(json.dumps([model.json() for model in models()]))"
    told = asked(f"import json\nfrom trainyard_libreyolo.catalog import models\n{said}")
    by_task = {task: [model for model in told if model["task"] == task] for task in ("detect", "segment", "pose")}
    assert sum(map(len, by_task.values())) == len(told)
    assert [model["id"] for model in by_task["segment"]] == [f"dfine-{size}-seg" for size in "nsmlx"]
    assert [model["id"] for model in by_task["pose"]] == [f"yolonas-{size}-pose" for size in "nsml"]
    (coco,) = by_task["segment"][0]["pretrained"]
    assert coco["source"] == "hf://LibreYOLO/LibreDFINEn-seg/LibreDFINEn-seg.pt" and coco["licence"] == "Apache-2.0"
    assert not any("pretrained" in model for model in by_task["pose"]), "they are not for everyone"
