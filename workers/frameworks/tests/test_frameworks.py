"""A real training of each other framework, and what it does when it is killed."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from conftest import DETECT, TERM, Job, few_colours, with_test


def outputs_of(path: Path) -> tuple[dict, dict[str, tuple]]:
    """The card, and the shapes of the answers to two images."""
    session = onnxruntime.InferenceSession(path)
    card = json.loads(session.get_modelmeta().custom_metadata_map["trainyard"])
    side = card["preprocessing"]["image_size"]
    assert [one.name for one in session.get_inputs()] == ["images"]
    names = [one.name for one in session.get_outputs()]
    return card, dict(zip(names, (one.shape for one in session.run(names, {"images": np.zeros((2, 3, side, side), np.float32)})),
                          strict=True))  # fmt: skip


# Runner, what is special, the measurement and how much of it, the form of the ONNX file and its outputs for two images.
TRAININGS = {
    "ssdlite": (
        "torchvision",
        {
            **DETECT,
            "model": "ssdlite320_mobilenet_v3_large",
            "epochs": 30,
            "batch_size": 4,
            "ema": False,
            "augmentation": "none",
        },
        ("ap50", 0.3),
        ("boxes", {"boxes": (2, None, 4), "scores": (2, None, 2)}),
    ),
    "ssdlite-quick": (
        "torchvision",
        {**DETECT, "model": "ssdlite320_mobilenet_v3_large", "epochs": 1, "augmentation": "none"},
        ("ap50", 0.0),
        ("boxes", {"boxes": (2, None, 4), "scores": (2, None, 2)}),
    ),
    "segformer": (
        "transformers",
        {
            **DETECT,
            "task": "segment",
            "model": "segformer-b0",
            "epochs": 4,
            "batch_size": 4,
            "learning_rate": 1e-3,
            "ema": False,
        },
        ("mean_iou", 0.5),
        ("pixels", {"logits": (2, 3, 32, 32)}),
    ),
    "dfine": (
        "transformers",
        {**DETECT, "model": "dfine-nano", "epochs": 1, "learning_rate": 8e-4},
        ("ap50_95", 0.0),
        ("queries", {"logits": (2, 80, 2), "boxes": (2, 80, 4)}),
    ),
    "rtmdet": (
        "openmmlab",
        {**DETECT, "model": "rtmdet_tiny", "epochs": 30},
        ("ap50", 0.5),
        ("boxes", {"boxes": (2, 336, 4), "scores": (2, 336, 2)}),
    ),
    "yolox": (
        "openmmlab",
        {**DETECT, "model": "yolox_tiny", "epochs": 1},
        ("ap50_95", 0.0),
        ("boxes", {"boxes": (2, 336, 4), "scores": (2, 336, 2)}),
    ),
    "yolo9-t": (
        "libreyolo",
        {**DETECT, "model": "yolo9-t", "epochs": 30, "options": {"answers": "int8"}},
        ("ap50", 0.5),
        ("boxes", {"boxes": (2, 336, 4), "scores": (2, 336, 2)}),
    ),
    **{
        name: (
            "libreyolo",
            {**DETECT, "model": name, "epochs": 1},
            ("ap50_95", 0.0),
            ("boxes", {"boxes": (2, places, 4), "scores": (2, places, 2)}),
        )
        for name, places in {"yolox-n": 336, "rtmdet-t": 336, "picodet-s": 340}.items()
    },
    "dfine-n-seg": (
        "libreyolo",
        {**DETECT, "task": "segment", "model": "dfine-n-seg", "epochs": 16, "learning_rate": 1e-3},
        ("mask_ap50", 0.5),
        (
            "masks",
            {"boxes": (2, 80, 4), "scores": (2, 80, 2), "coefficients": (2, 80, 128), "prototypes": (2, 128, 32, 32)},
        ),
    ),
    "yolonas-n-pose": (
        "libreyolo",
        {**DETECT, "task": "pose", "model": "yolonas-n-pose", "epochs": 30},
        ("keypoint_ap50", 0.5),
        ("keypoints", {"boxes": (2, 336, 4), "scores": (2, 336, 2), "keypoints": (2, 336, 2, 3)}),
    ),
    "segformer_mit-b0": (
        "openmmlab",
        {
            **DETECT,
            "task": "segment",
            "model": "segformer_mit-b0",
            "epochs": 4,
            "batch_size": 4,
            "learning_rate": 1e-3,
            "ema": False,
        },
        ("mean_iou", 0.5),
        ("pixels", {"logits": (2, 3, 32, 32)}),
    ),
    "pspnet": (
        "openmmlab",
        {**DETECT, "task": "segment", "model": "mobilenet-v2-d8_pspnet", "epochs": 1, "batch_size": 4},
        ("mean_iou", 0.0),
        ("pixels", {"logits": (2, 3, 16, 16)}),
    ),
    "yolo11n": (
        "ultralytics",
        {**DETECT, "model": "yolo11n", "epochs": 30, "options": {"answers": "int8"}},
        ("ap50", 0.5),
        ("boxes", {"boxes": (2, 336, 4), "scores": (2, 336, 2)}),
    ),
    "yolo26n": (
        "ultralytics",
        {**DETECT, "model": "yolo26n", "epochs": 1},
        ("ap50_95", 0.0),
        ("boxes", {"boxes": (2, 336, 4), "scores": (2, 336, 2)}),
    ),
    "yolo11n-seg": (
        "ultralytics",
        {**DETECT, "task": "segment", "model": "yolo11n-seg", "epochs": 1},
        ("mask_ap50_95", 0.0),
        (
            "masks",
            {"boxes": (2, 336, 4), "scores": (2, 336, 2), "coefficients": (2, 336, 32), "prototypes": (2, 32, 32, 32)},
        ),
    ),
    "yolo11n-pose": (
        "ultralytics",
        {**DETECT, "task": "pose", "model": "yolo11n-pose", "epochs": 1},
        ("keypoint_ap50_95", 0.0),
        ("keypoints", {"boxes": (2, 336, 4), "scores": (2, 336, 2), "keypoints": (2, 336, 2, 3)}),
    ),
}


LONG = {"ssdlite", "rtmdet", "yolo9-t", "yolo11n", "dfine-n-seg", "yolonas-n-pose"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in TRAININGS]
)
def test_it_trains_and_its_file_is_what_the_card_says(shapes, tmp_path: Path, name: str):
    runner, changes, (measured, least), (form, shape) = TRAININGS[name]
    job = Job(runner, tmp_path, *shapes, **changes)
    assert job.run() == 0, job.console
    (started,), (finished,) = job.of("started"), job.of("finished")
    assert (started["train_images"], started["validation_images"]) == (48, 12)
    assert [line["epoch"] for line in job.of("epoch")] == list(range(1, job.config["epochs"] + 1))
    assert finished["measurements"][measured] >= least, finished
    assert {"weights", "report", "onnx"} <= set(job.artifacts())
    card, answered = outputs_of(job.artifacts()["onnx"])
    assert (card["task"], card["output"], card["runner"]) == (changes["task"], form, runner)
    assert card["classes"] == finished["classes"]
    assert card.get("keypoints") == (["left", "right"] if changes["task"] == "pose" else None)
    assert set(answered) == set(shape)
    for output, expected in shape.items():
        assert len(answered[output]) == len(expected), output
        assert all(want in (None, got) for got, want in zip(answered[output], expected, strict=True)), (output, answered)
    if changes["task"] == "detect" or runner == "libreyolo":
        check_told(job, ["validation"])
    if "options" in changes:
        check_gate(job, "ap50_95", card)


def check_told(job: Job, splits: list[str]) -> None:
    """Of each split: every answer by its confidence, the curves, and single images."""
    report, samples = (json.loads(job.artifacts()[role].read_text()) for role in ("report", "sample_predictions"))
    assert ("test" in report) == ("test" in splits)
    for told in [report, *([report["test"]] if "test" in splits else [])]:
        for one in told["classes"]:
            answers, right = one["confidence"]["answers"], one["confidence"]["right"]
            assert len(answers) == len(right) == 100 and sum(right) <= one["support"], one
            assert all(fewer <= more for fewer, more in zip(right, answers, strict=True)), one
        assert len(told["confusion_matrix"]) == len(told["classes"]) + (job.config["task"] != "classify")
    assert list(dict.fromkeys(sample["split"] for sample in samples)) == splits
    if shape := {"segment": "polygons", "pose": "keypoints"}.get(job.config["task"]):
        told = [one for sample in samples for one in sample["truths"] + sample["predictions"]]
        assert any(one[shape] for one in told) and all(shape in one for one in told)


def check_gate(job: Job, primary: str, card: dict):
    """What the report says of int8 is what is there, and what was measured in floats is what the training has measured."""
    told = json.loads(job.artifacts()["report"].read_text())["int8"]
    assert told["is_kept"] == ("onnx_fp32" in job.artifacts()) == ("quantized" in card), told
    assert told["is_kept"] == (told["before"] - told["after"] <= told["loss_max"]), told
    # Ultralytics measures in its own way, and makes squares in another.
    near = 0.1 if job.runner == "ultralytics" else 1e-3
    assert told["before"] == pytest.approx(job.of("finished")[0]["measurements"][primary], abs=near)
    print(f"{card['model']}: {primary} {told['before']:.4f} in floats, {told['after']:.4f} in int8")


def test_a_torchvision_classifier_learns(tmp_path: Path):
    colours = few_colours(tmp_path / "colours", each=30)
    changes = {"model": "resnet18", "batch_size": 10, "epochs": 6, "learning_rate": 2e-3, "ema": False}
    job = Job("torchvision", tmp_path / "job", *colours, **changes)
    assert job.run() == 0, job.console
    assert job.of("finished")[0]["measurements"]["accuracy"] > 0.6
    card, answered = outputs_of(job.artifacts()["onnx"])
    assert (card["output"], answered) == ("logits", {"logits": (2, 3)})


def test_an_ultralytics_classifier_answers_with_logarithms(tmp_path: Path):
    changes = {"model": "yolo11n-cls", "resize": "crop", "label_smoothing": 0.0, "batch_size": 8, "epochs": 1}
    job = Job("ultralytics", tmp_path / "job", *few_colours(tmp_path / "colours"), **changes)
    assert job.run() == 0, job.console
    session = onnxruntime.InferenceSession(job.artifacts()["onnx"])
    (logits,) = session.run(["logits"], {"images": np.random.default_rng(0).random((2, 3, 32, 32), np.float32)})
    assert np.exp(logits).sum(1) == pytest.approx([1, 1], abs=1e-3)


EXACT = [
    ("torchvision", {"model": "ssdlite320_mobilenet_v3_large"}),
    ("transformers", {"model": "dfine-nano"}),
    ("openmmlab", {"model": "rtmdet_tiny"}),
    ("openmmlab", {"task": "segment", "model": "segformer_mit-b0"}),
    ("libreyolo", {"model": "yolo9-t"}),
    ("libreyolo", {"model": "yolox-n"}),
    ("libreyolo", {"task": "segment", "model": "dfine-n-seg"}),
    ("libreyolo", {"task": "pose", "model": "yolonas-n-pose"}),
]


@pytest.mark.parametrize(("runner", "changes"), EXACT, ids=[changes["model"] for _, changes in EXACT])
def test_one_that_left_in_the_middle_of_an_epoch_ends_with_the_same_bytes(
    shapes, tmp_path: Path, runner: str, changes: dict
):
    changes = {**DETECT, "epochs": 2, "augmentation": "standard", **changes}
    whole, parted = (Job(runner, tmp_path / name, *shapes, **changes) for name in ("whole", "parted"))
    assert whole.run() == 0, whole.console
    code = parted.run(at=lambda line: TERM if line["line"] == "step" and line["epoch"] == 2 else None)
    assert code == 75, parted.console
    assert parted.lines[-1]["step"] < 12, "in the middle of the second epoch"
    assert parted.run(resume=parted.newest_checkpoint()) == 0, parted.console
    assert whole.artifacts()["weights"].read_bytes() == parted.artifacts()["weights"].read_bytes()


@pytest.mark.slow
def test_ultralytics_tells_as_others_what_its_network_answers(shapes, tmp_path: Path):
    job = Job("ultralytics", tmp_path, *with_test(shapes), **DETECT, model="yolo11n", epochs=30, options={"answers": "int8"})
    assert job.run() == 0, job.console
    check_told(job, ["validation", "test"])
    report = json.loads(job.artifacts()["report"].read_text())
    told = [one["ap"] for one in report["classes"]]
    assert sum(told) / 2 == pytest.approx(report["int8"]["before"], abs=1e-3) != 0, "what its file answers"
    assert all(sum(one["confidence"]["right"]) for one in [*report["classes"], *report["test"]["classes"]])
    assert set(report["test"]) == {"classes", "rows", "confusion_matrix", "pr_curve"}
    assert len(report["history"]) == 30 and report["measurements"] == job.of("finished")[0]["measurements"]


def test_an_ultralytics_classifier_tells_of_both_splits_also_when_a_batch_is_all_there_is(tmp_path: Path):
    changes = {"model": "yolo11n-cls", "resize": "crop", "label_smoothing": 0.0, "batch_size": 48, "epochs": 1}
    job = Job("ultralytics", tmp_path / "job", *with_test(few_colours(tmp_path / "colours")), **changes)
    assert job.run() == 0, job.console
    check_told(job, ["validation", "test"])
    report = json.loads(job.artifacts()["report"].read_text())
    right = sum(row[at] for at, row in enumerate(report["confusion_matrix"]))
    assert right / 6 == pytest.approx(job.of("finished")[0]["measurements"]["accuracy"], abs=0.2)
    assert "sample_images" in job.artifacts()


def test_ultralytics_goes_on_from_the_last_epoch_also_elsewhere(shapes, tmp_path: Path):
    changes = {**DETECT, "model": "yolo11n", "epochs": 3}
    job = Job("ultralytics", tmp_path / "here", *shapes, **changes)
    assert job.run(at=lambda line: TERM if line["line"] == "checkpoint" and line["epoch"] == 1 else None) == 75, job.console
    left = job.work / "checkpoints"
    other = Job("ultralytics", tmp_path / "there", *shapes, **changes)
    kept = tmp_path / "kept"
    left.rename(kept)
    import shutil

    shutil.rmtree(job.work)
    assert other.run(resume=kept) == 0, other.console
    assert [line["epoch"] for line in other.of("epoch")] == [2, 3]
    assert not job.work.exists(), "it writes below its own folder alone"
    report = json.loads(other.artifacts()["report"].read_text())
    assert [line["epoch"] for line in report["history"]] == [1, 2, 3]


def test_ultralytics_starts_from_what_it_has_saved_itself(shapes, tmp_path: Path):
    """As published weights are: a module that is pickled whole."""
    first = Job("ultralytics", tmp_path / "first", *shapes, **DETECT, model="yolo11n", epochs=1)
    assert first.run() == 0, first.console
    saved = first.work / "runs" / "run" / "weights" / "last.pt"
    second = Job("ultralytics", tmp_path / "second", *shapes, **DETECT, model="yolo11n", epochs=1, initial_weights="x",
                 weights=saved)  # fmt: skip
    assert second.run() == 0, second.console
    told = second.of("started")[0]["resolved"]["initial_weights"]
    assert told.split()[0] == told.split()[2] and "missing" not in told, told


def test_a_segmenter_answers_in_whole_numbers_where_that_costs_little(shapes, tmp_path: Path):
    changes = {**DETECT, "task": "segment", "model": "segformer_mit-b0", "epochs": 4, "batch_size": 4, "learning_rate": 1e-3}
    job = Job("openmmlab", tmp_path, *shapes, **changes, ema=False, options={"answers": "int8"})
    assert job.run() == 0, job.console
    card, answered = outputs_of(job.artifacts()["onnx"])
    check_gate(job, "mean_iou", card)
    assert (card["output"], answered) == ("pixels", {"logits": (2, 3, 32, 32)})


REFUSED = [
    ("torchvision", {**DETECT, "model": "fasterrcnn_resnet50_fpn"}, 64, "fcos"),
    ("torchvision", {**DETECT, "model": "ssdlite320_mobilenet_v3_large", "resize": "crop"}, 64, "letterbox"),
    ("transformers", {**DETECT, "model": "dfine-nano", "image_size": 100}, 64, "image_size"),
    ("transformers", {"task": "classify", "model": "segformer-b0"}, 64, "detect or segment"),
    ("transformers", {**DETECT, "model": "dfine-nano", "options": {"answers": "int8"}}, 64, "fp32"),
    ("openmmlab", {**DETECT, "model": "rtmdet_huge"}, 64, "rtmdet_tiny"),
    ("openmmlab", {**DETECT, "model": "yolox_s", "image_size": 100}, 64, "image_size"),
    ("openmmlab", {**DETECT, "task": "segment", "model": "segformer_b0"}, 64, "segformer_mit-b0"),
    ("libreyolo", {**DETECT, "model": "yolo9-e"}, 64, "yolo9-t"),
    ("libreyolo", {**DETECT, "model": "yolox-s", "image_size": 100}, 64, "image_size"),
    ("libreyolo", {**DETECT, "task": "segment", "model": "yolo9-t"}, 64, "dfine-n-seg"),
    ("libreyolo", {**DETECT, "task": "pose", "model": "dfine-n-seg"}, 64, "yolonas-n-pose"),
    ("libreyolo", {**DETECT, "task": "segment", "model": "dfine-n-seg", "options": {"answers": "int8"}}, 64, "fp32"),
    ("libreyolo", {"model": "yolo9-t"}, 64, "detect or segment or pose"),
    ("ultralytics", {**DETECT, "model": "yolo11n", "schedule": "one_cycle"}, 64, "schedule"),
    ("ultralytics", {**DETECT, "model": "yolo12n"}, 64, "yolo11n"),
    ("ultralytics", {**DETECT, "task": "pose", "model": "yolo11n-pose", "options": {"answers": "int8"}}, 64, "fp32"),
    ("ultralytics", {"task": "classify", "model": "yolo11n-cls", "resize": "crop", "label_smoothing": 0.0}, 65, "labels"),
]


@pytest.mark.parametrize(("runner", "changes", "code", "word"), REFUSED)
def test_what_it_cannot_do_is_refused(shapes, tmp_path: Path, runner: str, changes: dict, code: int, word: str):
    job = Job(runner, tmp_path, *shapes, **changes)
    assert job.run() == code, job.console
    failed = job.lines[-1]
    assert failed["line"] == "failed" and word in f"{failed['message']}; {failed['next_step']}", failed
