"""Ultralytics behind the three commands of a trainer."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from trainyard_sdk import weights
from trainyard_sdk.attempt import open_manifest, split_in_words
from trainyard_sdk.card import Card, Description, Preprocessing, settled
from trainyard_sdk.failure import Failure, config_failure
from trainyard_sdk.hardware import Hardware
from trainyard_sdk.inert import read_modules
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.lesson import Lesson
from trainyard_sdk.manifest import Manifest
from trainyard_sdk.protocol import Voice
from trainyard_sdk.quantized import ANSWERS, answer_in_int8, is_wanted
from trainyard_sdk.reports import as_json, write
from trainyard_sdk.spec import Spec

from . import answers
from .catalog import LICENCE, models

_TASKS = ("detect", "segment", "pose", "classify")


class Ultralytics:
    name = "ultralytics"
    options = {"answers": ANSWERS}

    def describe(self) -> Description:
        with tempfile.TemporaryDirectory() as folder:
            version = _framework(Path(folder)).__version__
        return Description(self.name, version, LICENCE, "epoch", ["fp32"], ["cpu", "gpu"], models(), self.options)

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        settled(self.options, spec.config.options)
        _framework(work)
        from . import arguments, view
        from .listener import Listener
        from .network import build

        manifest = open_manifest(spec, _TASKS)
        arguments.check(spec)
        answers.check(spec)
        lesson = answers.lesson_of(spec, manifest)
        hardware = Hardware(spec.config.device, spec.threads)
        torch.manual_seed(spec.config.seed)
        points = len(manifest.keypoints or [])
        network, path = build(work, spec.config.model, spec.config.task, manifest.classes, points)
        data = view.write_view(_new(work / "view"), spec.images, manifest, spec.config.task)
        start, notes = _start(network.model, spec)
        listener = Listener(spec, work, voice, interrupt, start, len(manifest.of("train")))
        told = arguments.arguments(
            spec, "cpu" if hardware.device.type == "cpu" else "0", is_paired=manifest.mirrored is not None
        )
        where = {"data": str(data), "project": str(work / "runs"), "name": "run"}
        resumed = listener.resume(resume, data, work / "runs") if resume else None
        _announce(voice, spec, manifest, hardware, network.model, {**notes, **_in_words(told, manifest)})
        if listener.progress.epoch < spec.config.epochs:
            _run(listener, resumed or path, told, where)
        interrupt.leave_at_once()
        self._finish(listener, manifest, hardware, points, lesson)
        return True

    def _finish(self, listener: Any, manifest: Manifest, hardware: Hardware, points: int, lesson: Lesson | None) -> None:
        from .onnx_form import write as write_onnx

        config, progress, work = listener.spec.config, listener.progress, listener.work
        how = Preprocessing(config.image_size, config.resize, (0.0,) * 3, (1.0,) * 3, manifest.sample_bits)
        named = manifest.keypoints if config.task == "pose" else None
        card = Card(config.task, config.model, manifest.classes, how, self.name, LICENCE, keypoints=named)
        path = work / "weights.safetensors"
        weights.save(path, card, listener.best)
        listener.voice.artifact("weights", path)
        stopped = None
        if progress.epoch < config.epochs:
            stopped = f"validation {listener.primary} did not rise for {config.patience} epochs"
        report = _report(listener, card, hardware, stopped)
        _, tensors = weights.load(path)
        difference = write_onnx(work / "model.onnx", _with(work, card, tensors, points), card, points)
        print(f"model.onnx answers as torch does, up to {difference:.1e}", file=sys.stderr)
        left = answers.Written(listener.spec, work, listener.voice, hardware, lesson) if lesson else None
        if left and is_wanted(left.spec):
            report |= answer_in_int8(left, card)
        listener.voice.artifact("onnx", work / "model.onnx")
        if left:
            report |= left.tell(_with(work, card, tensors, points), card)
        write(listener, "report", "report.json", as_json(report))
        listener.voice.say(
            "finished",
            best_epoch=progress.best_epoch,
            measurements=progress.best,
            classes=manifest.classes,
            weights=path,
            stopped_early=stopped,
        )

    def export(self, path: Path, out: Path) -> None:
        card, tensors = weights.load(path)
        if card.runner != self.name:
            raise config_failure(f"the weights are of {card.runner or 'trainyard'}", f"give weights that {self.name} has left")
        with tempfile.TemporaryDirectory() as folder:
            _framework(Path(folder))
            from .onnx_form import write as write_onnx

            points = _points(tensors, card) if card.task == "pose" else 0
            write_onnx(out, _with(Path(folder), card, tensors, points), card, points)


def _report(listener: Any, card: Card, hardware: Hardware, stopped: str | None) -> dict[str, Any]:
    return {
        "job": listener.spec.job,
        "model": card.model,
        "task": card.task,
        "runner": card.runner,
        "device": hardware.name,
        "dataset_hash": listener.spec.dataset_hash,
        "preprocessing": card.preprocessing.json(),
        "best_epoch": listener.progress.best_epoch,
        "stopped_early": stopped,
        "primary": listener.primary,
        "measurements": listener.progress.best,
        "history": listener.progress.history,
    }


def _framework(work: Path) -> Any:
    """Imports it with its own settings below `work`: it reports to nobody, and installs and fetches nothing."""
    settings_at = work.absolute() / "settings"
    settings_at.mkdir(parents=True, exist_ok=True)
    os.environ |= {"YOLO_CONFIG_DIR": str(settings_at), "YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true"}
    import ultralytics

    ultralytics.settings.update({"sync": False})
    return ultralytics


def _new(folder: Path) -> Path:
    """What an attempt before this one has left is made again: it names other paths."""
    if folder.exists():
        import shutil

        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder.absolute()


def _start(model: Any, spec: Spec) -> tuple[dict[str, Tensor] | None, dict[str, str]]:
    """The tensors to start from; published ones hold whole modules, which are read without running them."""
    if not spec.initial_weights:
        return None, {}
    path = spec.initial_weights
    with path.open("rb") as file:
        is_safe = file.read(9)[8:] == b"{"
    tensors = weights.read_tensors(path)[0] if is_safe else read_modules(path, ("ema", "model"))
    # Read from modules they lie below `model`, as ours do.
    prefixed = {f"model.{name}" if f"model.{name}" in model.state_dict() else name: value for name, value in tensors.items()}
    report = weights.start_from(model, prefixed)
    print(f"initial weights: {report}", file=sys.stderr)
    return {name: value.clone() for name, value in model.state_dict().items()}, {"initial_weights": str(report)}


def _run(listener: Any, source: Path, told: dict[str, Any], where: dict[str, str]) -> None:
    from ultralytics import YOLO

    network = YOLO(source, task=listener.spec.config.task)
    for name, heard in listener.callbacks().items():
        network.add_callback(name, heard)
    network.train(**told, **where, resume=source.suffix == ".pt")
    if not listener.progress.epoch:
        raise Failure("internal", "no epoch has run", "read the console")


def _announce(voice: Voice, spec: Spec, manifest: Manifest, hardware: Hardware, model: Any, notes: dict[str, str]) -> None:
    voice.say(
        "started",
        device=hardware.name,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        train_images=len(manifest.of("train")),
        validation_images=len(manifest.of("validation")),
        classes=manifest.classes,
        dataset_hash=spec.dataset_hash,
        resolved=notes,
    )


def _in_words(told: dict[str, Any], manifest: Manifest) -> dict[str, str]:
    return {
        "split": split_in_words(manifest),
        "ema": "always: the framework keeps one, and it is what is measured",
        **{f"ultralytics_{name}": str(value) for name, value in told.items()},
    }


def _points(tensors: dict[str, Tensor], card: Card) -> int:
    """Three numbers for each: the last layer before them says how many."""
    found = [value for name, value in tensors.items() if ".cv4." in name and name.endswith(".2.bias")]
    if not found:
        raise config_failure(f"{card.model} has no key points", "give weights of a pose model")
    return len(found[0]) // 3


def _with(folder: Path, card: Card, tensors: dict[str, Tensor], points: int) -> Any:
    from .network import build

    network, _ = build(folder, card.model, card.task, card.classes, points)
    try:
        network.model.load_state_dict(tensors)
    except RuntimeError as error:
        raise Failure("config", "the weights do not fit the model of their card", "update the runner") from error
    return network
