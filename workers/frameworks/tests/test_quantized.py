"""Models in whole numbers: what they lose is measured, and more than the bound is not kept."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from conftest import DETECT, Job
from torch import nn
from trainyard_sdk import quantized
from trainyard_sdk.card import IMAGENET, Card, Preprocessing
from trainyard_sdk.classify import Classify
from trainyard_sdk.detect import Detect
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.manifest import read_manifest
from trainyard_sdk.onnx_file import write_onnx
from trainyard_sdk.spec import read_spec
from trainyard_sdk.square import decode, square


def accuracy(path: Path, manifest: Path, root: Path) -> float:
    """Of a file alone, as a predictor reads it."""
    session = onnxruntime.InferenceSession(path)
    how = json.loads(session.get_modelmeta().custom_metadata_map["trainyard"])["preprocessing"]
    images = [json.loads(line) for line in manifest.read_text().splitlines()[1:]]
    shown = [image for image in images if image["split"] == "validation"]
    planes = []
    for image in shown:
        pixels = square(decode((root / image["name"]).read_bytes()), how["image_size"], how["resize"])
        planes.append(((pixels.astype(np.float32) / 255 - how["mean"]) / how["std"]).transpose(2, 0, 1))
    (logits,) = session.run(None, {"images": np.stack(planes).astype(np.float32)})
    return float(np.mean(logits.argmax(1) == [image["labels"][0]["class"] for image in shown]))


def layers(path: Path, folder: Path) -> set[str]:
    """What ONNX Runtime computes a file by."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(folder / "as_computed.onnx")
    onnxruntime.InferenceSession(path, options)
    return {node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node}


def test_a_classifier_answers_in_int8_and_its_card_says_what_that_cost(digits, tmp_path: Path):
    job = Job("timm", tmp_path, *digits, model="resnet18", epochs=2, options={"answers": "int8"})
    assert job.run() == 0, job.console
    files = job.artifacts()
    told = json.loads(files["report"].read_text())["int8"]
    assert told["is_kept"] and told["after"] > 0.9, told
    assert accuracy(files["onnx"], *digits) == pytest.approx(told["after"], abs=1e-9)
    assert accuracy(files["onnx_fp32"], *digits) == pytest.approx(told["before"], abs=1e-9)
    assert files["onnx"].stat().st_size < 0.3 * files["onnx_fp32"].stat().st_size
    assert "QLinearConv" in (kinds := layers(files["onnx"], tmp_path)) and "Conv" not in kinds, "nothing is left in floats"
    cards = [onnxruntime.InferenceSession(files[role]).get_modelmeta() for role in ("onnx", "onnx_fp32")]
    ours, whole = (json.loads(card.custom_metadata_map["trainyard"]) for card in cards)
    kept = ours.pop("quantized")
    assert ours == whole and (kept["precision"], kept["measured"]) == ("int8", "accuracy")
    assert (kept["before"], kept["after"], kept["loss_max"]) == (told["before"], told["after"], 0.01)


@pytest.mark.parametrize(("bound", "is_kept"), [(1.0, True), (-1.1, False)])
def test_what_loses_more_than_the_bound_is_not_kept(colours, tmp_path: Path, monkeypatch, bound: float, is_kept: bool):
    monkeypatch.setattr(quantized, "INT8_LOSS_MAX", bound)
    job = Job("timm", tmp_path, *colours, model="none", batch_size=8, options={"answers": "int8"})
    spec = read_spec(job.spec)
    lesson = Classify(spec, read_manifest(spec.manifest))
    training = SimpleNamespace(spec=spec, hardware=Hardware("cpu", 1), lesson=lesson)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))
    card = Card("classify", "none", ["a", "b", "c"], Preprocessing(32, "stretch", *IMAGENET), "timm", "Apache-2.0")
    whole, path = tmp_path / "whole.onnx", tmp_path / "model.onnx"
    write_onnx(whole, model, card, "logits", ["logits"], torch.rand(2, 3, 32, 32))
    told = quantized.write_quantized(training, card, whole, path)
    assert quantized.in_report(told)["is_kept"] == is_kept == path.exists() == (card.quantized is not None)
    assert sorted(file.name for file in tmp_path.glob("*.onnx")) == ["model.onnx"] * is_kept + ["whole.onnx"]


class Cells(nn.Module):
    """A box of each cell, in pixels of the square as shares of four lengths, and how sure it is of either class."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, 8, 1), nn.SiLU(), nn.Conv2d(8, 18, 1))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        said = self.body(images).flatten(2).transpose(1, 2)
        y, x = torch.meshgrid(torch.arange(4) * 8.0, torch.arange(4) * 8.0, indexing="ij")
        away = said[..., :16].unflatten(-1, (4, 4)).softmax(-1) @ torch.arange(4.0)
        corners = torch.stack([x, y, x, y], -1).reshape(-1, 4)
        return corners + away * torch.tensor([-1.0, -1, 1, 1]), said[..., 16:].sigmoid()


@pytest.mark.parametrize(("bound", "is_kept"), [(1.0, True), (-1.1, False)])
def test_boxes_and_scores_of_a_detector_stay_in_floats(shapes, tmp_path: Path, monkeypatch, bound: float, is_kept: bool):
    monkeypatch.setattr(quantized, "INT8_LOSS_MAX", bound)
    job = Job("timm", tmp_path, *shapes, **{**DETECT, "image_size": 32}, model="none", options={"answers": "int8"})
    spec = read_spec(job.spec)
    lesson = Detect(spec, read_manifest(spec.manifest), quantized.FileBoxes())
    training = SimpleNamespace(spec=spec, hardware=Hardware("cpu", 1), lesson=lesson)
    card = Card("detect", "none", ["square", "disc"], Preprocessing(32, "letterbox", *IMAGENET), "timm", "MIT")
    whole, path = tmp_path / "whole.onnx", tmp_path / "model.onnx"
    write_onnx(whole, Cells(), card, "boxes", ["boxes", "scores"], torch.rand(2, 3, 32, 32))
    quantized.check(spec, lesson)
    told = quantized.write_quantized(training, card, whole, path)
    assert quantized.in_report(told)["is_kept"] == is_kept == path.exists()
    assert told.measured == "ap50_95" and 0 <= told.before <= 1
    if is_kept:
        images = np.random.default_rng(0).random((2, 3, 32, 32), np.float32)
        (boxes, _), (theirs, _) = (
            onnxruntime.InferenceSession(file).run(None, {"images": images}) for file in (path, whole)
        )
        assert np.abs(boxes - theirs).max() < 0.3, "of 32 pixels, 8 bits would take an eighth at least"
        kinds = layers(path, tmp_path)
        assert "Conv" not in kinds and {"QLinearConv", "Softmax", "MatMul"} <= kinds, kinds
