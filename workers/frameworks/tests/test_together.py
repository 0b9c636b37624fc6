"""Several processes train one model as one would: the same numbers within rounding, the same bits whenever it is done again,
and an end when one of them is gone."""

import json
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import pytest
import torch
import torch.nn.functional as F
from conftest import DEADLINE_S, FRAMEWORKS, TERM, Job, few_colours
from safetensors.torch import load_file
from torch import Tensor, nn
from trainyard_sdk.batch_norm import by_all
from trainyard_sdk.followers import Seat
from trainyard_sdk.group import Group

Answer = TypeVar("Answer")
# How far apart two trainings may be whose sums are rounded in another order.
ROUNDING = 1e-5
# The same of batch normalisation, which torch takes in 32-bit floats when one process trains alone: with four threads it
# comes as far from itself, 5.2e-4 here.
ROUNDING_ALONE = 1e-3
# Small steps that follow the gradient, so that a last bit stays one.
PLAIN = {"batch_size": 8, "epochs": 2, "optimizer": "sgd", "learning_rate": 1e-3, "warmup_epochs": 0.0}
# All that is random, and parts of a share.
RANDOM = {"model": "test_vit", "batch_size": 12, "epochs": 6, "augmentation": "standard", "batch_divisor": 2,
          "options": {"drop_path": 0.2}, "devices": 2}  # fmt: skip


def apart(one: Job, other: Job) -> float:
    """The largest difference between two trainings in what they have measured and in what they have learned."""
    measured = [
        abs(value - there[kind][name])
        for here, there in zip(one.of("epoch"), other.of("epoch"), strict=True)
        for kind in ("train", "validation")
        for name, value in here[kind].items()
    ]
    first, second = (load_file(job.artifacts()["weights"]) for job in (one, other))
    learned = [((value - second[name]).abs().max() / value.abs().max().clamp(min=1)).item() for name, value in first.items()]
    return max(measured + learned)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return few_colours(tmp_path_factory.mktemp("together") / "colours", each=20)


@pytest.fixture(scope="module")
def alone(data: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = Job("timm", tmp_path_factory.mktemp("alone"), *data, model="test_vit", **PLAIN)
    assert job.run() == 0, job.console
    assert job.of("started")[0]["device"] == "cpu, 1 threads"
    return job


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_any_number_learns_as_one_does(alone: Job, data, tmp_path: Path, devices: int):
    job = Job("timm", tmp_path, *data, model="test_vit", devices=devices, **PLAIN)
    assert job.run() == 0, job.console
    named = "cpu, 1 threads"
    assert job.of("started")[0]["device"] == (named if devices == 1 else f"{devices} x {named}")
    assert apart(alone, job) <= (0 if devices == 1 else ROUNDING)


def test_statistics_of_a_batch_are_those_of_all(data, tmp_path: Path):
    changes = {**PLAIN, "model": "test_resnet", "image_size": 64}
    one, two, three = (Job("timm", tmp_path / str(devices), *data, devices=devices, **changes) for devices in (0, 2, 3))
    for job in (one, two, three):
        assert job.run() == 0, job.console
    assert apart(two, three) < ROUNDING and apart(one, two) < ROUNDING_ALONE


def followers_of(process: subprocess.Popen) -> list[int]:
    return [int(id) for id in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def started(job: Job, resume: Path | None = None) -> tuple[subprocess.Popen, list[int]]:
    """One that has written its first checkpoint, and the other processes of it."""
    process = job.start(resume)
    job.lines = []
    for text in process.stdout:
        job.lines.append(json.loads(text))
        if job.lines[-1]["line"] == "checkpoint":
            break
    return process, followers_of(process)


def ended(job: Job, process: subprocess.Popen) -> int:
    job.lines += map(json.loads, process.stdout)
    return process.wait(DEADLINE_S)


def wait_for_the_end_of(processes: list[int]) -> None:
    """Whoever has started them."""
    for process in processes:
        try:
            file = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        poll = select.poll()
        poll.register(file, select.POLLIN)
        assert poll.poll(60_000), f"{process} is still there"
        os.close(file)


def test_whoever_leaves_leaves_with_all_and_comes_back_to_the_last_bit(data, tmp_path: Path):
    quiet = Job("timm", tmp_path / "quiet", *data, **RANDOM)
    assert quiet.run() == 0, quiet.console
    job = Job("timm", tmp_path / "troubled", *data, **RANDOM)
    process, others = started(job)
    # It does not matter which of them is asked.
    os.kill(others[0], signal.SIGTERM)
    assert ended(job, process) == 75, job.lines
    assert job.lines[-1]["line"] == "checkpoint"
    wait_for_the_end_of(others)
    assert job.run(resume=job.newest_checkpoint(), at=lambda line: TERM if line["line"] == "started" else None) == 75
    assert job.run(resume=job.newest_checkpoint()) == 0, job.console
    assert job.artifacts()["weights"].read_bytes() == quiet.artifacts()["weights"].read_bytes()


def test_one_that_dies_ends_the_attempt_and_another_number_goes_on(alone: Job, data, tmp_path: Path):
    epochs, checkpoint = {}, None
    for devices in (3, 2):
        job = Job("timm", tmp_path / str(devices), *data, model="test_vit", devices=devices, **PLAIN)
        process, others = started(job, checkpoint)
        if devices == 3:
            assert len(others) == 2
            os.kill(others[-1], signal.SIGKILL)
            assert ended(job, process) == 70, job.lines
            (failed,) = job.of("failed")
            assert job.lines[-1] == failed and failed["class"] == "device" and "is gone" in failed["message"]
            wait_for_the_end_of(others)
            checkpoint = job.newest_checkpoint()
        else:
            assert ended(job, process) == 0
        epochs |= {line["epoch"]: line for line in job.of("epoch")}
    job.lines = [line for line in job.lines if line["line"] != "epoch"] + [epochs[epoch] for epoch in sorted(epochs)]
    assert apart(alone, job) < ROUNDING


def test_none_outlives_the_first(data, tmp_path: Path):
    job = Job("timm", tmp_path, *data, model="test_vit", devices=3, **{**PLAIN, "epochs": 1000})
    process, others = started(job)
    process.kill()
    process.wait()
    wait_for_the_end_of(others)


def test_who_broke_the_group_is_believed(tmp_path: Path):
    """One of the others is cut off within a line, and one waits for nothing."""
    program = """
        import subprocess, sys, threading
        from trainyard_sdk import followers
        from trainyard_sdk.protocol import Voice
        said = '{"line": "failed", "class": "out_of_memory", "message": "m", "next_step": "n"}'
        cut_off = "print('{', end=''); raise SystemExit(70)"
        programs = [cut_off, "import os; os.read(0, 1)", f"print('''{said}'''); raise SystemExit(70)"]
        started = [
            subprocess.Popen([sys.executable, "-c", one], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for one in programs
        ]
        # What one has to say is said before its end shows the others that it is gone.
        started[2].wait()
        followers._started = lambda rank, port: started[rank - 1]
        followers.Followers(4, 0, Voice())
        threading.Event().wait()
    """
    environment = {**os.environ, "PYTHONPATH": str(FRAMEWORKS / "sdk")}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=DEADLINE_S)
    (line,) = map(json.loads, ran.stdout.splitlines())
    assert (ran.returncode, line["line"], line["class"]) == (70, "failed", "out_of_memory"), ran.stderr


def test_a_batch_of_fewer_images_than_devices_is_refused(data, tmp_path: Path):
    job = Job("timm", tmp_path, *data, model="test_vit", devices=5, **PLAIN)
    assert job.run() == 64, job.console
    (failed,) = job.lines
    assert failed["class"] == "config" and "larger batch_size" in failed["next_step"]


# Batch normalisation by itself.


@patch("trainyard_sdk.group._SHARE", timedelta(minutes=1))
def by_threads(size: int, work: Callable[[Group], Answer]) -> list[Answer]:
    store = torch.distributed.HashStore()

    def of(rank: int) -> Answer:
        group = Group(Seat(rank, size), torch.device("cpu"), store)
        group.meet()
        return work(group)

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(of, range(size)))


def curved(out: Tensor) -> Tensor:
    """Something that no mean and no variance is blind to."""
    return (out.sin() * (out + 2)).sum()


def learnt(images: Tensor, group: Group) -> list[Tensor]:
    """The gradients of weight and bias over all, of the images, and what they became; then the running statistics."""
    norm = nn.BatchNorm2d(3, momentum=0.3)
    nn.init.constant_(norm.weight, 1.5)
    own = images.clone().requires_grad_()
    with by_all(group) as noughts:
        out = norm(own)
    sum(noughts, curved(out)).backward()
    group.add_up([norm.weight.grad, norm.bias.grad])
    return [norm.weight.grad, norm.bias.grad, norm.running_mean, norm.running_var, own.grad, out.detach()]


@pytest.mark.parametrize("size", [2, 3])
def test_shares_of_a_batch_are_normalised_as_the_whole(size: int):
    # Far from 0, as a sum of squares likes it least.
    images = 40 + 3 * torch.rand(7, 3, 4, 4, generator=torch.Generator().manual_seed(3))
    whole = learnt(images, Group(Seat(), torch.device("cpu")))

    def share(group: Group) -> list[int]:
        return group.seat.share(list(range(7)))

    for own, parts in by_threads(size, lambda group: (share(group), learnt(images[share(group)], group))):
        expected = [*whole[:4], whole[4][own], whole[5][own]]
        for at, (found, value) in enumerate(zip(parts, expected, strict=True)):
            assert (found - value).abs().max() < 2e-5 * value.abs().max().clamp(min=1), at


def test_a_share_without_use_for_a_layer_keeps_nobody_waiting():
    def work(group: Group) -> Tensor | None:
        norm = nn.BatchNorm2d(3)
        with by_all(group) as noughts:
            out = norm(torch.rand(2, 3, 4, 4, requires_grad=True))
        sum(noughts, out.sum() if group.seat.leads else torch.zeros(())).backward()
        return norm.weight.grad

    used, unused = by_threads(2, work)
    assert used is not None and unused is None


def test_layers_that_do_more_than_normalise_keep_doing_it():
    class Activated(nn.BatchNorm2d):
        """As timm's are."""

        def forward(self, x: Tensor) -> Tensor:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.training).relu()

    def work(group: Group) -> Tensor:
        with by_all(group):
            return Activated(3)(torch.full((1, 3, 2, 2), float(group.seat.rank))).detach()

    low, high = by_threads(2, work)
    assert (low == 0).all() and torch.allclose(high, torch.ones(()), atol=1e-4)
