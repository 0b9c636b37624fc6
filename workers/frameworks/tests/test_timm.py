"""Real trainings of timm's networks, killed and bothered in every way that the platform knows."""

import json
import random
import time
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from conftest import TERM, Job, few_colours
from safetensors import safe_open
from trainyard_sdk.square import decode, square

# What each reaches on the validation digits of 32 pixels, a bit below what was measured.
TRAININGS = [
    ("test_resnet", {"epochs": 4}, 0.95),
    ("resnet10t", {"epochs": 2, "ema": False}, 0.93),
    ("test_vit", {"epochs": 8, "learning_rate": 2e-3, "options": {"drop_path": 0.1, "layer_decay": 0.9}}, 0.80),
    ("test_efficientnet", {"epochs": 5, "optimizer": "sgd", "learning_rate": 0.2, "weight_decay": 1e-4}, 0.90),
]


def bytes_of(job: Job) -> bytes:
    return job.artifacts()["weights"].read_bytes()


@pytest.mark.parametrize(("model", "changes", "least"), TRAININGS, ids=[model for model, _, _ in TRAININGS])
def test_it_learns_the_digits(digits, tmp_path: Path, model: str, changes: dict, least: float):
    job = Job("timm", tmp_path, *digits, model=model, **changes)
    assert job.run() == 0, job.console
    (started,), (finished,) = job.of("started"), job.of("finished")
    assert (started["train_images"], started["validation_images"], len(started["classes"])) == (1501, 296, 10)
    assert [line["epoch"] for line in job.of("epoch")] == list(range(1, job.config["epochs"] + 1))
    assert finished["measurements"]["accuracy"] >= least, finished
    assert set(finished["measurements"]) == {"loss", "accuracy", "precision", "recall"}
    artifacts = job.artifacts()
    assert set(artifacts) == {"weights", "report", "confusion_matrix", "sample_predictions", "sample_images", "onnx"}
    report = json.loads(artifacts["report"].read_text())
    assert sum(map(sum, report["confusion_matrix"])) == 296 and len(report["history"]) == job.config["epochs"]
    assert job.lines.index(job.of("artifact")[-1]) < job.lines.index(finished) == len(job.lines) - 1
    assert accuracy_of_onnx(artifacts["onnx"], *digits) == pytest.approx(finished["measurements"]["accuracy"], abs=0.004)


def accuracy_of_onnx(path: Path, manifest: Path, root: Path) -> float:
    """By the card alone, as a predictor answers."""
    session = onnxruntime.InferenceSession(path)
    card = json.loads(session.get_modelmeta().custom_metadata_map["trainyard"])
    how = card["preprocessing"]
    assert (card["output"], card["runner"], card["licence"]) == ("logits", "timm", "Apache-2.0")
    images = [json.loads(line) for line in manifest.read_text().splitlines()[1:]]
    images = [image for image in images if image["split"] == "validation"]
    squares = [square(decode((root / one["name"]).read_bytes()), how["image_size"], how["resize"]) for one in images]
    pixels = (np.stack(squares).astype(np.float32) / 255 - how["mean"]) / how["std"]
    (logits,) = session.run(["logits"], {"images": pixels.transpose(0, 3, 1, 2).astype(np.float32)})
    return float(np.mean(logits.argmax(1) == [image["labels"][0]["class"] for image in images]))


EXACT = {"model": "test_resnet", "epochs": 3, "batch_size": 32, "augmentation": "standard"}


@pytest.fixture(scope="module", params=["fp32", "bf16"])
def untouched(request, digits, tmp_path_factory) -> tuple[dict, bytes]:
    changes = {**EXACT, "options": {"precision": request.param}}
    job = Job("timm", tmp_path_factory.mktemp("untouched"), *digits, **changes)
    assert job.run() == 0, job.console
    return changes, bytes_of(job)


def test_one_that_is_killed_at_random_ends_with_the_same_bytes(untouched, digits, tmp_path: Path):
    changes, expected = untouched
    job = Job("timm", tmp_path, *digits, **changes)
    draw, kills = random.Random(5), 0
    while True:
        process, began = job.start(job.newest_checkpoint()), time.monotonic()
        # The first line tells that it trains; then it dies whatever it does just now.
        line = process.stdout.readline()
        assert line.startswith('{"line": "started"'), (line, job.folder)
        if kills == 4:
            break
        wait_s = draw.uniform(0.05, 2.5)
        while time.monotonic() - began < 120 and process.poll() is None and wait_s > 0:
            wait_s -= 0.05
            time.sleep(0.05)
        process.kill()
        process.wait()
        kills += 1
    rest = [json.loads(line) for line in process.stdout]
    assert process.wait() == 0
    job.lines = rest
    assert bytes_of(job) == expected


def test_sigterm_is_obeyed_in_the_middle_of_an_epoch_and_nothing_is_lost(untouched, digits, tmp_path: Path):
    changes, expected = untouched
    job = Job("timm", tmp_path, *digits, **changes)
    began: list[float] = []

    def at_the_third_step_line(line: dict) -> int | None:
        if line["line"] == "step" and len(job.of("step")) == 2:
            began.append(time.monotonic())
            return TERM
        return None

    assert job.run(at=at_the_third_step_line) == 75, job.console
    assert time.monotonic() - began[0] < 20
    left = job.lines[-1]
    assert left["line"] == "checkpoint" and left["step"] % 47 != 0, "it left in the middle of an epoch"
    steps = left["step"]
    assert job.run(resume=Path(left["path"])) == 0, job.console
    assert f"resuming after step {steps}" in job.console
    assert bytes_of(job) == expected


def test_sigterm_before_the_first_step_and_while_it_finishes(digits, tmp_path: Path):
    job = Job("timm", tmp_path, *digits, model="test_resnet", epochs=1)
    assert job.run(at=lambda line: TERM if line["line"] == "started" else None) == 75, job.console
    assert job.lines[-1]["line"] == "checkpoint"
    at_weights = lambda line: TERM if line.get("role") == "weights" else None  # noqa: E731
    assert job.run(resume=job.newest_checkpoint(), at=at_weights) == 75, job.console
    assert job.run(resume=job.newest_checkpoint()) == 0, job.console
    assert not job.of("step") and not job.of("epoch"), "all epochs were done"


def test_parts_of_a_batch_learn_as_the_whole_does(colours, tmp_path: Path):
    """Without batch normalisation, whose statistics are of a part."""
    weights = {}
    for divisor in (1, 3):
        changes = {"model": "test_vit", "image_size": 32, "batch_size": 12, "epochs": 2, "ema": False}
        job = Job("timm", tmp_path / str(divisor), *colours, batch_divisor=divisor, **changes)
        assert job.run() == 0, job.console
        with safe_open(job.artifacts()["weights"], "pt") as file:
            weights[divisor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for name, value in weights[1].items():
        assert torch.allclose(value, weights[3][name], atol=2e-4), name


def test_a_resume_with_another_configuration_or_dataset_is_refused(colours, tmp_path: Path):
    job = Job("timm", tmp_path / "a", *colours, model="test_resnet", batch_size=8, epochs=1)
    assert job.run() == 0, job.console
    other = Job("timm", tmp_path / "b", *colours, model="test_resnet", batch_size=8, epochs=1, seed=2)
    assert other.run(resume=job.newest_checkpoint()) == 64, other.console
    assert other.of("failed")[0]["class"] == "config"
    assert other.run(resume=tmp_path) == 64, "the one checkpoint below it is of another"
    (tmp_path / "empty").mkdir()
    assert other.run(resume=tmp_path / "empty") == 70


def test_a_loss_that_is_no_number_is_told_and_writes_no_checkpoint(colours, tmp_path: Path):
    job = Job("timm", tmp_path, *colours, model="test_resnet", optimizer="sgd", learning_rate=10.0, batch_size=4,
              momentum=0.9999, weight_decay=1.0, warmup_epochs=0.0, epochs=60, schedule="constant")  # fmt: skip
    assert job.run() == 70, job.console
    (failed,) = job.of("failed")
    assert failed["class"] == "diverged" and "learning_rate" in failed["next_step"]
    for path in (job.work / "checkpoints").glob("*"):
        with safe_open(path, "pt") as file:
            tensors = [file.get_tensor(name) for name in file.keys()]  # noqa: SIM118
        assert all(torch.isfinite(value.float()).all() for value in tensors), path


REFUSED = [
    ({"model": "resnet999"}, "no model"),
    ({"model": "hf-hub:someone/thing"}, "no model"),
    ({"task": "detect"}, "does not detect"),
    ({"options": {"freeze": "half"}}, "freeze"),
    ({"options": {"speed": 1}}, "speed"),
    ({"batch_size": 1000}, "batch_size"),
    ({"batch_size": 1}, "larger batch_size"),
    ({"image_size": 33, "model": "test_vit"}, "image_size"),
    ({"model": "vgg11", "options": {"drop_path": 0.5}}, "drop_path"),
]


@pytest.mark.parametrize(("changes", "word"), REFUSED, ids=[word for _, word in REFUSED])
def test_a_configuration_that_cannot_run_is_refused(colours, tmp_path: Path, changes: dict, word: str):
    job = Job("timm", tmp_path, *colours, **{"model": "test_resnet", "batch_size": 8, **changes})
    assert job.run() == 64, job.console
    (failed,) = job.lines
    assert failed["class"] == "config" and word in f"{failed['message']}; {failed['next_step']}", failed


def rewritten(manifest: Path, change) -> None:
    header, *images = [json.loads(line) for line in manifest.read_text().splitlines()]
    manifest.write_text("".join(json.dumps(line) + "\n" for line in change(header, images)))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda header, images: [header], "nothing to train on"),
        (lambda header, images: [header, *[one | {"split": "train"} for one in images]], "nothing to validate"),
        (lambda header, images: [header | {"kinds": ["detect"]}, *images], "serve detect"),
    ],
)
def test_a_dataset_that_cannot_serve_is_refused(colours, tmp_path: Path, change, word: str):
    manifest, root = colours
    rewritten(manifest, change)
    job = Job("timm", tmp_path, manifest, root, model="test_resnet", batch_size=8)
    assert job.run() == 65, job.console
    assert job.lines[-1]["class"] == "dataset" and word in job.lines[-1]["message"]


@pytest.mark.parametrize("broken", ["cut", "other", "gone"])
def test_an_image_that_broke_is_named(colours, tmp_path: Path, broken: str):
    manifest, root = colours
    victim = root / "1-004.png"
    if broken == "gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-200] if broken == "cut" else (root / "0-001.png").read_bytes())
    job = Job("timm", tmp_path, manifest, root, model="test_resnet", batch_size=8)
    assert job.run() == 65, job.console
    assert "1-004.png" in job.lines[-1]["message"]


def test_starting_from_weights_keeps_what_fits_and_says_what_does_not(tmp_path: Path):
    first = Job("timm", tmp_path / "first", *few_colours(tmp_path / "three"), model="test_resnet", batch_size=8, epochs=2)
    assert first.run() == 0, first.console
    changes = {
        "model": "test_resnet",
        "batch_size": 8,
        "epochs": 1,
        "initial_weights": "ours",
        "options": {"freeze": "backbone"},
    }
    dataset = few_colours(tmp_path / "five", classes=5)
    second = Job("timm", tmp_path / "second", *dataset, weights=first.artifacts()["weights"], **changes)
    assert second.run() == 0, second.console
    told = second.of("started")[0]["resolved"]["initial_weights"]
    assert "2 of another shape" in told and "starts fresh: fc.weight" in second.console
    with safe_open(first.artifacts()["weights"], "pt") as a, safe_open(second.artifacts()["weights"], "pt") as b:
        same = [name for name in a.keys() if torch.equal(a.get_tensor(name), b.get_tensor(name))]  # noqa: SIM118
        assert set(a.keys()) - set(same) == {"fc.weight", "fc.bias"}, "what is frozen stays, running statistics too"
        cards = [json.loads(file.metadata()["trainyard"])["preprocessing"] for file in (a, b)]
    assert cards[0] == cards[1], "pixels are normalised as they were for the weights"


@pytest.mark.parametrize("kind", ["another model", "text", "code"])
def test_initial_weights_that_cannot_serve_are_refused(colours, tmp_path: Path, kind: str):
    path = tmp_path / "given.pth"
    if kind == "text":
        path.write_text("<html>404</html>")
    else:
        torch.save({"x": torch.zeros(2)} if kind == "another model" else {"x": Path("/")}, path)
    job = Job("timm", tmp_path / "job", *colours, model="test_resnet", batch_size=8, initial_weights="x", weights=path)
    assert job.run() == 64, job.console
    assert job.lines[-1]["class"] == "config" and "safetensors" in job.lines[-1]["next_step"] + " safetensors"


def test_a_model_that_cannot_be_served_is_refused_before_it_is_trained(colours, tmp_path: Path, monkeypatch):
    """Nothing that timm has fails here on purpose: a bound that nothing meets stands for one that does."""
    import trainyard_sdk.onnx_file
    from trainyard_sdk.failure import Failure
    from trainyard_sdk.spec import read_spec
    from trainyard_timm.runner import Timm

    monkeypatch.setattr(trainyard_sdk.onnx_file, "ONNX_DIFFERENCE", -1.0)

    class Silent:
        def say(self, line: str, **_fields: object) -> None:
            raise AssertionError(f"{line} was said")

    job = Job("timm", tmp_path, *colours, model="test_resnet", batch_size=8)
    with pytest.raises(Failure, match="as ONNX") as caught:
        Timm().train(read_spec(job.spec), job.work, None, Silent(), None)
    assert caught.value.kind == "config" and not list(job.work.glob("*.onnx"))


def test_patience_ends_it(colours, tmp_path: Path):
    job = Job("timm", tmp_path, *colours, model="test_resnet", batch_size=8, epochs=50, patience=1)
    assert job.run() == 0, job.console
    assert len(job.of("epoch")) < 50 and "did not rise" in job.of("finished")[0]["stopped_early"]


def test_step_lines_leave_at_most_twice_a_second(colours, tmp_path: Path):
    job = Job("timm", tmp_path, *colours, model="test_resnet", batch_size=4, epochs=20, ema=False)
    times: list[float] = []
    assert job.run(at=lambda line: times.append(time.monotonic()) if line["line"] == "step" else None) == 0
    assert 1 <= len(times) <= 2 * (times[-1] - times[0]) + 1.5
    assert job.of("step")[0]["step"] == 1 and job.of("step")[0]["epoch"] == 1


def test_describe_names_every_model_and_where_its_weights_lie():
    from trainyard_timm.runner import Timm

    described = Timm().describe().json()
    models = {model["id"]: model for model in described["models"]}
    assert len(models) > 1_300 and described["protocol"] == 2 and described["resume"] == "exact"
    assert models["resnet18"]["pretrained"][0] == {
        "name": "a1_in1k",
        "source": "hf://timm/resnet18.a1_in1k/model.safetensors",
        "licence": "Apache-2.0",
    }
    assert models["test_vit"]["image_size"] == 160
    for model in models.values():
        for weights in model.get("pretrained", []):
            assert weights["source"].startswith(("hf://", "https://")) and weights["licence"], model


def test_export_writes_what_training_wrote(colours, tmp_path: Path):
    from trainyard_timm.runner import Timm

    job = Job("timm", tmp_path, *colours, model="test_resnet", batch_size=8, epochs=1)
    assert job.run() == 0, job.console
    Timm().export(job.artifacts()["weights"], tmp_path / "again.onnx")
    images = np.random.default_rng(0).standard_normal((4, 3, 32, 32)).astype(np.float32)
    answers = [
        onnxruntime.InferenceSession(path).run(["logits"], {"images": images})[0]
        for path in (tmp_path / "again.onnx", job.artifacts()["onnx"])
    ]
    assert np.abs(answers[0] - answers[1]).max() < 1e-5


def test_who_does_not_listen_any_more_ends_it(colours, tmp_path: Path):
    job = Job("timm", tmp_path, *colours, model="test_resnet", batch_size=8, epochs=1000)
    process = job.start()
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(120) == 70
