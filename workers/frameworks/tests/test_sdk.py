"""The parts of a trainer, each by itself."""

import ctypes
import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import CONFIG, FRAMEWORKS
from torch import nn
from trainyard_sdk import average, checkpoint, weights
from trainyard_sdk.attempt import start_from
from trainyard_sdk.batches import ahead, evaluation_plan, training_plan
from trainyard_sdk.card import IMAGENET, Card, Preprocessing, choice, number, settled
from trainyard_sdk.confusion import Confusion
from trainyard_sdk.empty_library import empty_library
from trainyard_sdk.failure import Exit, Failure, failure_of
from trainyard_sdk.manifest import read_manifest
from trainyard_sdk.onnx_file import write_onnx
from trainyard_sdk.optimizer import Optimizer
from trainyard_sdk.pooling import Means, with_means
from trainyard_sdk.protocol import finite
from trainyard_sdk.schedule import Schedule
from trainyard_sdk.spec import read_spec
from trainyard_sdk.tensor_file import write_tensors

CARD = Card("classify", "tiny", ["a", "b"], Preprocessing(4, "stretch", (0.5,) * 3, (0.5,) * 3), "test", "MIT")


def spec_with(folder: Path, **changes: object) -> Path:
    given = {
        "job": "j",
        "config": {**CONFIG, "model": "tiny", **changes},
        "manifest": "m",
        "images": "i",
        "dataset_hash": "d",
        "initial_weights": None,
        "batch_divisor": 1,
        "threads": 0,
    }
    path = folder / "spec.json"
    path.write_text(json.dumps(given))
    return path


# Specifications.


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": float("inf")}, "learning_rate"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": True}, "epochs"),
        ({"batch_size": "64"}, "batch_size"),
        ({"optimizer": "lion"}, "sgd, adam, adamw"),
        ({"patience": 0}, "patience"),
        ({"warmup_epochs": 9.0}, "warmup_epochs"),
        ({"mixup": 0.2}, "mixup"),
        ({"initial_weights": "pretrained"}, "not here"),
        ({"options": []}, "options"),
    ],
)
def test_a_configuration_that_cannot_be_trained_is_refused_with_its_name(tmp_path: Path, changes: dict, word: str):
    with pytest.raises(Failure, match=word) as caught:
        read_spec(spec_with(tmp_path, **changes))
    assert caught.value.exit_code == Exit.CONFIG and caught.value.next_step


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"config": 3}', "\x00"])
def test_a_broken_specification_is_one_of_the_configuration(tmp_path: Path, text: str):
    (tmp_path / "spec.json").write_text(text)
    with pytest.raises(Failure) as caught:
        read_spec(tmp_path / "spec.json")
    assert caught.value.kind == "config"


def test_the_hash_covers_every_value(tmp_path: Path):
    one = read_spec(spec_with(tmp_path)).config_hash
    assert one == read_spec(spec_with(tmp_path)).config_hash
    assert one != read_spec(spec_with(tmp_path, seed=2)).config_hash
    assert one != read_spec(spec_with(tmp_path, options={"freeze": "none"})).config_hash


def test_options_are_settled_or_refused():
    options = {"layer_decay": number("", 0.1, 1.0, 1.0), "freeze": choice("", ["none", "backbone"])}
    assert settled(options, {}) == {"layer_decay": 1.0, "freeze": "none"}
    assert settled(options, {"freeze": "backbone"})["freeze"] == "backbone"
    for given in [{"speed": 1}, {"freeze": "all"}, {"layer_decay": 3}, {"layer_decay": True}, {"layer_decay": "1"}]:
        with pytest.raises(Failure, match=next(iter(given))):
            settled(options, given)


# Manifests.

IMAGE = {
    "sha256": "0" * 64,
    "name": "a.png",
    "bytes": 1,
    "width": 4,
    "height": 4,
    "split": "train",
    "labels": [{"class": 0}],
}
HEADER = {"form": 1, "classes": ["a"], "kinds": ["classify"]}


def manifest_of(folder: Path, *lines: object, end: str = "\n") -> Path:
    path = folder / "manifest.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + end)
    return path


def test_a_manifest_is_read(tmp_path: Path):
    box = {"class": 0, "box": [1, 2, 3, 4], "mask": {"size": [4, 4], "counts": [0, 16]}, "crowd": True}
    manifest = read_manifest(manifest_of(tmp_path, HEADER, {**IMAGE, "labels": [box]}))
    label = manifest.of("train")[0].labels[0]
    assert (label.box, label.mask, label.crowd, manifest.divided) == ((1, 2, 3, 4), [0, 16], True, False)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{**HEADER, "form": 2}],
        [{**HEADER, "speed": 1}],
        [HEADER, {**IMAGE, "labels": [{"class": 1}]}],
        [HEADER, {**IMAGE, "labels": [{"class": -1}]}],
        [HEADER, {**IMAGE, "labels": [{"class": 0, "depth": 1}]}],
        [HEADER, {**IMAGE, "name": "../../etc/passwd"}],
        [HEADER, {**IMAGE, "split": "extra"}],
        [HEADER, {"name": "a"}],
    ],
)
def test_a_manifest_of_another_form_is_refused(tmp_path: Path, lines: list):
    with pytest.raises(Failure) as caught:
        read_manifest(manifest_of(tmp_path, *lines))
    assert caught.value.kind == "config"


def test_a_manifest_that_is_cut_off_is_refused(tmp_path: Path):
    with pytest.raises(Failure, match="line 2 is cut off"):
        read_manifest(manifest_of(tmp_path, HEADER, IMAGE, end=""))


# Learning rates, as the tests of workers/vision/src/optim/schedule.rs have them.


def test_one_cycle_is_pytorchs():
    schedule = Schedule("one_cycle", 0.1, 0, 100)
    expected = {0: 0.004, 10: 0.029516394846410082, 29: 0.1, 60: 0.05892800902855288, 99: 4e-7}
    assert all(abs(schedule.learning_rate(step + 1) - rate) < 1e-9 for step, rate in expected.items())


@pytest.mark.parametrize("kind", ["cosine", "linear", "constant"])
def test_warm_up_rises_to_the_peak(kind: str):
    rates = [Schedule(kind, 0.1, 10, 100).learning_rate(step) for step in range(1, 101)]
    assert all(abs(rates[step - 1] - 0.01 * step) < 1e-9 for step in range(1, 11))
    assert abs(rates[10] - 0.1) < 1e-9 and rates[10:] == sorted(rates[10:], reverse=True)
    assert abs({"cosine": 0.00103, "linear": 0.0021, "constant": 0.1}[kind] - rates[-1]) < 1e-4
    assert Schedule(kind, 0.1, 1, 1).learning_rate(1) > 0


def test_an_average_moves_what_has_two_names_once():
    """As heads do that share their convolutions between levels."""
    model = nn.ModuleList([nn.Linear(1, 1, bias=False)] * 2)
    nn.init.zeros_(model[0].weight)
    kept = average.copy_of(model)
    nn.init.ones_(model[0].weight)
    average.update(kept, model, 0.75)
    assert kept[1].weight.item() == pytest.approx(0.25)


def test_tensors_under_names_of_another_framework_are_known_by_their_places():
    def network(classes: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, classes))

    model, other = network(2), network(9)
    theirs = {f"features_{name.replace('.', '_')}": value for name, value in other.state_dict().items()}
    report = weights.start_from(model, weights.by_place(theirs, model))
    assert torch.equal(model[0].weight, other[0].weight) and "2 of another shape (3.weight, ...)" in str(report)
    turned = dict(reversed(theirs.items()))
    assert weights.by_place(turned, model) is turned, "of another order is another network"
    own = other.state_dict()
    assert weights.by_place(own, model) is own, "names that are known are the model's"


def test_an_average_keeps_as_much_as_the_platforms_own():
    assert abs(average.decay("classify", 1) - 2 / 11) < 1e-12
    assert average.decay("classify", 10**6) == 0.9998
    assert abs(average.decay("detect", 2_000) - 0.9999 * (1 - 0.36787944117)) < 1e-9
    one, other = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    other.weight.data.fill_(3.0)
    other.running_mean.fill_(2.0)
    average.update(one, other, 0.75)
    assert one.weight.tolist() == [1.5, 1.5] and one.running_mean.tolist() == [0.5, 0.5]


def test_norms_and_biases_do_not_decay():
    from trainyard_sdk.spec import Config

    names = Config.__dataclass_fields__
    config = Config(**{name: {**CONFIG, "options": {}, "weight_decay": 0.5}[name] for name in names})
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = {name: value.clone() for name, value in model.named_parameters()}
    optimizer = Optimizer(config, model, scales={"0.weight": 0.5})
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step(0.1)
    for name, value in model.named_parameters():
        expected = before[name] * (1 - 0.1 * 0.5 * 0.5) if name == "0.weight" else before[name]
        assert torch.allclose(value, expected), name


# Order.


def test_a_plan_holds_every_image_once_in_even_batches():
    for count, batch in [(1437, 64), (10, 10), (11, 10), (5, 2), (1, 4)]:
        plan = training_plan(count, batch, 1, 2)
        assert sorted(sum(plan, [])) == list(range(count))
        assert max(map(len, plan)) - min(map(len, plan)) <= 1
        assert plan == training_plan(count, batch, 1, 2)
    assert training_plan(100, 10, 1, 2) != training_plan(100, 10, 1, 3)
    assert evaluation_plan(5, 2) == [[0, 1], [2, 3], [4]]


def test_batches_come_in_their_order_and_a_failure_comes_through():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        assert list(ahead(pool, [[index] for index in range(50)], lambda lot: lot[0])) == list(range(50))
        with pytest.raises(ZeroDivisionError):
            list(ahead(pool, [[1], [0], [2]], lambda lot: 1 // lot[0]))


# Measuring.


def test_a_confusion_by_hand():
    confusion = Confusion(3)
    for truth, answer in [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 0)]:
        confusion.add(truth, answer)
    assert confusion.accuracy == 0.5
    assert abs(confusion.macro("precision") - 0.5) < 1e-12 and abs(confusion.macro("recall") - 0.5) < 1e-12
    assert confusion.scores()[2] == {"precision": None, "recall": None, "support": 0}


def test_only_numbers_leave():
    assert finite({"a": 1, "b": float("nan"), "c": float("inf")}) == {"a": 1.0}


# Failures.


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), "out_of_memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "device"),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), "internal"),
        (Failure("dataset", "m", "n"), "dataset"),
    ],
)
def test_errors_are_classed(error: Exception, kind: str):
    assert failure_of(error).kind == kind


def test_a_real_allocation_that_cannot_be_met_is_out_of_memory():
    with pytest.raises(RuntimeError) as caught:
        torch.zeros(1 << 46, dtype=torch.float64)
    assert failure_of(caught.value).kind == "out_of_memory"


# Files.


def progress(step: int, **changes: object) -> checkpoint.Progress:
    return checkpoint.Progress("c", "d", step=step, sums=[0.1 + 0.2], **changes)


def test_the_last_two_are_kept_and_the_newest_is_resumed(tmp_path: Path):
    for step in [9, 10, 11]:
        checkpoint.save(tmp_path, progress(step), {"model": {"w": torch.tensor([float(step)])}})
    folder = tmp_path / "checkpoints"
    (folder / "step-0000000099.safetensors.partial").write_text("cut off")
    (folder / "step-0000000098.safetensors").write_text("no checkpoint")
    found, saved = checkpoint.load(folder, "c", "d")
    assert (found.step, found.sums, checkpoint.group(saved, "model")["w"].item()) == (11, [0.1 + 0.2], 11.0)
    assert len(list(folder.glob("step-00000000[01]*"))) == 2
    with pytest.raises(Failure, match="lacks model v"):
        checkpoint.restore(saved, "model", {"v": torch.zeros(1)})


def test_a_checkpoint_of_other_work_is_refused(tmp_path: Path):
    path, _ = checkpoint.save(tmp_path, progress(1), {})
    for config, dataset in [("x", "d"), ("c", "x")]:
        with pytest.raises(Failure) as caught:
            checkpoint.load(path, config, dataset)
        assert caught.value.kind == "config"
    with pytest.raises(Failure, match="no checkpoint"):
        checkpoint.load(tmp_path / "nothing", "c", "d")


def tiny() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def test_the_same_tensors_are_the_same_bytes_and_safetensors_reads_them(tmp_path: Path):
    from safetensors.torch import load_file

    tensors = {
        "half": torch.rand(3, dtype=torch.float32).bfloat16(),
        "count": torch.tensor(7),
        "empty": torch.zeros(0, 4),
        "turned": torch.rand(2, 3).t(),
        "mask": torch.tensor([True, False]),
        "이름": torch.rand(2, 2, dtype=torch.float64),
    }
    write_tensors(tmp_path / "a", tensors, {"b": "1", "a": "2"})
    write_tensors(tmp_path / "b", dict(reversed(tensors.items())), {"a": "2", "b": "1"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    read = load_file(tmp_path / "a")
    assert set(read) == set(tensors)
    assert all(torch.equal(read[name], value) and read[name].dtype == value.dtype for name, value in tensors.items())


def test_weights_carry_their_card(tmp_path: Path):
    model = tiny()
    weights.save(tmp_path / "w.safetensors", CARD, model.state_dict())
    card, tensors = weights.load(tmp_path / "w.safetensors")
    assert card == CARD
    assert torch.equal(tensors["1.weight"], model.state_dict()["1.weight"])
    assert "output" not in json.loads(CARD.json()) and json.loads(CARD.json("logits"))["output"] == "logits"


def test_weights_of_our_own_trainer_start_a_training_and_say_what_they_saw(tmp_path: Path):
    """Its card names no runner: `Card` in `events/src/card.rs`."""
    model, other, path = tiny(), tiny(), tmp_path / "w.safetensors"
    told = {name: value for name, value in json.loads(CARD.json()).items() if name not in ("runner", "licence")}
    told |= {"keypoints": ["nose"], "of_tomorrow": 1}
    write_tensors(path, model.state_dict(), {"format": "pt", "trainyard": json.dumps(told)})
    report, (mean, std) = start_from(other, path, lambda tensors, model: tensors)
    assert torch.equal(other[1].weight, model[1].weight), report
    assert (mean, std) == (CARD.preprocessing.mean, CARD.preprocessing.std)


@pytest.mark.parametrize("wrapped", [False, True])
def test_what_torch_saved_is_read_without_running_it(tmp_path: Path, wrapped: bool):
    model, other = tiny(), tiny()
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3} if wrapped else state, tmp_path / "w.pth")
    report = weights.start_from(other, weights.read_tensors(tmp_path / "w.pth")[0])
    assert report.loaded == report.tensors and torch.equal(other[1].weight, model[1].weight)


def test_a_file_that_holds_code_is_refused_and_does_not_run(tmp_path: Path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    torch.save({"weight": torch.zeros(1), "evil": Evil()}, tmp_path / "w.pth")
    with pytest.raises(Failure, match="holds code") as caught:
        weights.read_tensors(tmp_path / "w.pth")
    assert caught.value.kind == "config" and not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content", [b"", b"not tensors", b"\x08" + bytes(7) + b"{}      ", b"PK\x03\x04", b"\x80\x02K\x03."]
)
def test_a_broken_file_of_weights_is_one_of_the_configuration(tmp_path: Path, content: bytes):
    (tmp_path / "w.bin").write_bytes(content)
    with pytest.raises(Failure) as caught:
        weights.start_from(tiny(), weights.read_tensors(tmp_path / "w.bin")[0])
    assert caught.value.kind == "config"


def test_another_head_starts_fresh_and_another_model_is_refused():
    model = tiny()
    given = {**tiny().state_dict(), "3.weight": torch.zeros(9, 4), "3.bias": torch.zeros(9), "extra": torch.zeros(1)}
    report = weights.start_from(model, given)
    assert (report.reshaped, report.unused, report.missing) == (["3.weight", "3.bias"], ["extra"], [])
    assert model[3].weight.abs().min() > 0 and "of another shape (3.weight, ...)" in str(report)
    with pytest.raises(Failure, match="another model"):
        weights.start_from(model, {"a": torch.zeros(1)})


def test_an_onnx_file_is_announced_only_with_torchs_answers(tmp_path: Path):
    import onnx

    class Forks(nn.Module):
        """Tracing keeps the way that the example took."""

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.mean((1, 2, 3)) * (1 if len(images) == 2 else 3)

    images = torch.rand(3, 3, 4, 4)
    path = tmp_path / "model.onnx"
    assert write_onnx(path, tiny(), CARD, "logits", ["logits"], images) < 1e-5
    proto = onnx.load(path)
    assert json.loads(proto.metadata_props[0].value)["output"] == "logits"
    assert proto.graph.input[0].name == "images" and proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    with pytest.raises(Failure, match="answers otherwise"):
        write_onnx(path, Forks(), CARD, "logits", ["logits"], images)
    assert not path.exists()


def test_queries_may_come_in_another_order_and_each_counts_once():
    from trainyard_sdk.onnx_file import _in_the_order_of

    rows = np.arange(24, dtype=np.float32).reshape(1, 4, 6)
    assert (_in_the_order_of(rows[:, ::-1], rows) == rows).all()
    twice = rows[:, [0, 0, 2, 3]]
    assert np.abs(_in_the_order_of(twice, rows) - rows).max() == 6, "one is there twice and one is not"


def test_an_empty_library_is_loaded_and_found_by_its_name(tmp_path: Path):
    name = "libtrainyard_nothing.so.7"
    (tmp_path / name).write_bytes(empty_library(name))
    ctypes.CDLL(str(tmp_path / name))
    assert ctypes.CDLL(name), "the loader knows it by the name inside"
    with pytest.raises(AttributeError):
        ctypes.CDLL(name).anything


def test_the_console_gets_what_a_framework_prints():
    code = """
import sys
from trainyard_sdk.protocol import Voice
voice = Voice()
print("progress 3 %")
import os; os.system("echo from a child")
voice.say("step", value=1)
try: voice.say("step", value=float("nan"))
except ValueError: voice.say("refused")
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(FRAMEWORKS / "sdk")}
    )
    assert [json.loads(line)["line"] for line in ran.stdout.splitlines()] == ["step", "refused"]
    assert "progress 3 %" in ran.stderr and "from a child" in ran.stderr


def test_a_step_that_takes_too_long_is_given_up():
    code = """
import os, signal, sys, time
from trainyard_sdk import interrupt
interrupt._GRACE_S = 1
raised = interrupt.Interrupt()
os.kill(os.getpid(), signal.SIGTERM)
assert raised.is_raised
while True:
    time.sleep(0.01)
"""
    ran = subprocess.run([sys.executable, "-c", code], timeout=20, env={"PYTHONPATH": str(FRAMEWORKS / "sdk")})
    assert ran.returncode == Exit.PREEMPTED


def test_means_of_windows_are_those_of_adaptive_pooling():
    pooling = nn.Sequential(nn.AdaptiveAvgPool2d(3), nn.Sequential(nn.AdaptiveAvgPool2d((2, 5))), nn.AdaptiveAvgPool2d(1))
    ours = with_means(deepcopy(pooling))
    assert [type(ours[0]), type(ours[1][0]), type(ours[2])] == [Means, Means, nn.AdaptiveAvgPool2d]
    for height, width in [(16, 16), (7, 10), (3, 5)]:
        cells = torch.randn(2, 4, height, width)
        for mine, theirs in zip(ours, pooling, strict=True):
            assert torch.allclose(mine(cells), theirs(cells), atol=1e-6)


def test_pooling_to_cells_that_no_size_is_divided_by_is_written(tmp_path: Path):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.AdaptiveAvgPool2d(6)), nn.Flatten(), nn.Linear(144, 3))
    card = Card("classify", "pools", ["a", "b", "c"], Preprocessing(17, "stretch", *IMAGENET), "ours", "MIT")
    assert write_onnx(tmp_path / "model.onnx", model, card, "logits", ["logits"], torch.rand(3, 3, 17, 17)) < 1e-5


def test_a_head_of_other_classes_starts_with_small_answers():
    def model(classes: int) -> nn.Module:
        return nn.Sequential(nn.Linear(8, 1280), nn.ReLU(), nn.Linear(1280, classes))

    published, ours = model(1000), model(2)
    nn.init.uniform_(ours[2].weight, -0.7, 0.7)
    report = weights.start_from(ours, published.state_dict())
    assert report.reshaped == ["2.weight", "2.bias"] and report.loaded == 2
    assert ours[2].weight.abs().max() <= 1280**-0.5 and torch.equal(ours[0].weight, published[0].weight)


# With a first layer that oneDNN writes beyond its memory at, where it learns channels last.
THINNED = """
from copy import deepcopy

import torch
from torch import nn
from trainyard_sdk.layout import laid_out

torch.manual_seed(0)
torch.set_num_threads(1)
plain = nn.Sequential(nn.Conv2d(3, 32, 1, 2), nn.Conv2d(32, 8, 1, 2), nn.Conv2d(8, 4, 3, 2))
images = torch.rand(8, 3, 128, 128)


def learnt(model, images):
    for _ in range(20):
        model.zero_grad()
        (answer := model(images)).square().mean().backward()
    return answer.detach(), model[0].weight.grad


wanted = learnt(plain, images)
made = laid_out(deepcopy(plain))
found = learnt(made, images.to(memory_format=torch.channels_last))
print(*(float((one - other).abs().max()) for one, other in zip(found, wanted)), *made.state_dict())
"""


def test_what_breaks_channels_last_learns_as_it_should():
    """In a process of its own: without `laid_out` it would end on a signal."""
    environment = {**os.environ, "PYTHONPATH": str(FRAMEWORKS / "sdk")}
    ran = subprocess.run([sys.executable, "-c", THINNED], capture_output=True, text=True, env=environment, timeout=300)
    assert ran.returncode == 0, (ran.returncode, ran.stderr)
    answer, grad, *names = ran.stdout.split()
    assert float(answer) < 1e-5 and float(grad) < 1e-6
    assert names == [f"{at}.{part}" for at in range(3) for part in ("weight", "bias")]
