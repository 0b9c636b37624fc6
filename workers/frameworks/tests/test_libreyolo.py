"""The families of LibreYOLO beside what the package itself does, in its own environment."""

import json
import os
import subprocess
from typing import Any

import pytest
from conftest import FRAMEWORKS, environment_of

# A network as its authors would publish it, on one picture of 96 pixels' side: read by the package, and by us.
BESIDE = """
import importlib, json, sys

import numpy as np
import torch
from trainyard_libreyolo.catalog import NAMES
from trainyard_libreyolo.runner import LibreYolo
from trainyard_sdk import weights
from trainyard_sdk.scenes import Boxes

runner, name = LibreYolo(), sys.argv[1]
torch.manual_seed(0)
model, head = runner.build(name, "detect", 2, 96)
boxes = Boxes(np.array([[10, 20, 50, 70], [40, 40, 90, 95]], np.float32), np.array([0, 1]))
nothing = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
picture = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
mean, std = (torch.tensor(part).view(3, 1, 1) for part in runner.statistics("detect", name))
ours = ((torch.from_numpy(picture).permute(2, 0, 1) / 255 - mean) / std)[None]
family = importlib.import_module(f"libreyolo.models.{name.split('-')[0]}.utils")
theirs = torch.from_numpy(family.preprocess_numpy(picture, 96)[0].copy())[None]

losses = head.learn(model.train(), ours.repeat(2, 1, 1, 1), [boxes, nothing])
sum(losses).backward()
untaught = [key for key, value in model.named_parameters() if value.grad is None]
model.eval()
empty = [float(loss.detach()) for loss in head.learn(model, ours, [nothing])]

published = {key: value.clone() for key, value in model.state_dict().items()}
places, kept = set(), {}
for key, value in model.state_dict().items():
    if not value.numel() or value.data_ptr() not in places:
        kept[key] = published[key]
    places.add(value.data_ptr())
started, _ = runner.build(name, "detect", 2, 96)
report = weights.start_from(started, runner.native(kept, started))


def first(network, pixels):
    "What the first layer makes of them."
    seen = []
    layer = next(module for module in network.modules() if isinstance(module, torch.nn.Conv2d))
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


def beside(name: str) -> dict[str, Any]:
    paths = os.pathsep.join(map(str, (FRAMEWORKS / "sdk", FRAMEWORKS / "libreyolo")))
    ran = subprocess.run(
        [environment_of("libreyolo") / "bin" / "python", "-c", BESIDE, name],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


# By name: whether its authors see blue first, and whether levels share layers.
FAMILIES = {"yolo9-t": (False, False), "yolox-n": (True, False), "rtmdet-t": (True, True), "picodet-s": (False, False)}


@pytest.mark.parametrize("name", FAMILIES)
def test_published_weights_see_what_their_authors_showed_them(name: str):
    told, (is_blue_first, is_shared) = beside(name), FAMILIES[name]
    assert told["untaught"] == [] and told["losses"], told
    assert all(0 <= loss < 10 for loss in told["empty"]), "of nothing, little is thought to be there at the start"
    assert told["missing"] == [] and (told["shared"] > 0) == is_shared, told
    assert told["ours"] < 1e-4 and (told["unturned"] > 0.1) == is_blue_first, told
