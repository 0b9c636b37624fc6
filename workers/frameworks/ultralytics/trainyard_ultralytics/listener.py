"""Follows a training by its callbacks, and says what the protocol wants to hear."""

import json
import math
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from trainyard_sdk.failure import Exit, Failure, config_failure, dataset_failure, diverged
from trainyard_sdk.files import sha256_of, write_whole
from trainyard_sdk.hardware import resident_mib
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.limits import CHECKPOINTS_KEPT
from trainyard_sdk.protocol import Measurements, Voice, finite
from trainyard_sdk.spec import Spec

from .network import state_of

_KEY = "trainyard"
# Of their measurements, ours; B are boxes, M masks, P poses.
_NAMES = {
    "metrics/precision(B)": "precision",
    "metrics/recall(B)": "recall",
    "metrics/mAP50(B)": "ap50",
    "metrics/mAP50-95(B)": "ap50_95",
    "metrics/precision(M)": "mask_precision",
    "metrics/recall(M)": "mask_recall",
    "metrics/mAP50(M)": "mask_ap50",
    "metrics/mAP50-95(M)": "mask_ap50_95",
    "metrics/precision(P)": "keypoint_precision",
    "metrics/recall(P)": "keypoint_recall",
    "metrics/mAP50(P)": "keypoint_ap50",
    "metrics/mAP50-95(P)": "keypoint_ap50_95",
    "metrics/accuracy_top1": "accuracy",
    "metrics/accuracy_top5": "accuracy_top5",
}
PRIMARY = {"detect": "ap50_95", "segment": "mask_ap50_95", "pose": "keypoint_ap50_95", "classify": "accuracy"}


@dataclass
class Progress:
    config_hash: str
    dataset_hash: str
    epoch: int = 0
    step: int = 0
    best_epoch: int | None = None
    best: Measurements = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


class Listener:
    def __init__(
        self, spec: Spec, work: Path, voice: Voice, interrupt: Interrupt, start: dict[str, Tensor] | None, images: int
    ):
        self._train_images = images
        self.spec, self.work, self.voice, self.interrupt = spec, work, voice, interrupt
        self.progress = Progress(spec.config_hash, spec.dataset_hash)
        self.best: dict[str, Tensor] = {}
        self.primary = PRIMARY[spec.config.task]
        self._start = start
        self._began_s = self._since_s = time.monotonic()
        self._images = 0

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_pretrain_routine_end": self._begin,
            "on_train_batch_end": self._step,
            "on_fit_epoch_end": self._epoch,
        }

    def _begin(self, trainer: Any) -> None:
        """The model of the training and its average are there, and have not learned yet."""
        seen = len(trainer.train_loader.dataset)
        if seen != self._train_images:
            said = f"the framework takes {seen} of {self._train_images} training images"
            raise dataset_failure(said, "read the console, which names the others; leave them out")
        start = self._start or {}
        for module in (trainer.model, trainer.ema.ema):
            mine = module.state_dict()
            module.load_state_dict({**mine, **{name: start[name] for name in mine if name in start}})
        self._began_s = self._since_s = time.monotonic()

    def _step(self, trainer: Any) -> None:
        if self.interrupt.is_raised:
            # What this epoch has learned is lost: the framework goes on from whole epochs.
            print(f"asked to leave: it goes on from epoch {self.progress.epoch}", file=sys.stderr)
            os._exit(Exit.PREEMPTED)
        progress = self.progress
        progress.step += 1
        self._images += self.spec.config.batch_size // self.spec.batch_divisor
        if not self.voice.is_step_due():
            return
        losses = _losses(trainer.tloss)
        self._check(losses)
        now = time.monotonic()
        self.voice.step(
            epoch=trainer.epoch + 1,
            step=progress.step,
            steps=len(trainer.train_loader) * trainer.epochs,
            losses=losses,
            learning_rate=_rate(trainer),
            images_per_second=self._images / max(now - self._since_s, 1e-9),
            data_wait_ms=0.0,
            gpu_mib=None,
            memory_mib=resident_mib(),
        )
        self._images, self._since_s = 0, now

    def _check(self, losses: Measurements) -> None:
        if not all(math.isfinite(value) for value in losses.values()):
            said = f"the loss is no number any more at step {self.progress.step}"
            raise diverged(said, self.spec.config.learning_rate)

    def _epoch(self, trainer: Any) -> None:
        """It comes once more after the last epoch, when the best is measured again."""
        progress = self.progress
        if trainer.epoch != progress.epoch or progress.epoch >= trainer.epochs:
            return
        train = _losses(trainer.tloss)
        self._check(train)
        validation = finite(_measured(trainer.metrics))
        if self.primary not in validation:
            raise Failure("internal", f"{self.primary} was not measured", "read the console")
        progress.epoch += 1
        is_best = progress.best_epoch is None or validation[self.primary] > progress.best[self.primary]
        now = time.monotonic()
        told = {
            "epoch": progress.epoch,
            "train": train,
            "validation": validation,
            "learning_rate": _rate(trainer),
            "seconds": now - self._began_s,
        }
        self._began_s = now
        progress.history.append(told)
        if is_best:
            progress.best_epoch, progress.best = progress.epoch, validation
            self.best = state_of(trainer.ema.ema)
        self.voice.say("epoch", **told, primary=self.primary, is_best=is_best)
        self._write_checkpoint(Path(trainer.last))

    # Checkpoints: the framework's own, with what this listener knows.

    def _write_checkpoint(self, last: Path) -> None:
        progress, folder = self.progress, self.work / "checkpoints"
        whole = torch.load(last, map_location="cpu", weights_only=False)
        whole[_KEY] = {"progress": json.dumps(asdict(progress)), "best": self.best}
        path = folder / f"epoch-{progress.epoch:05}.pt"
        write_whole(path, lambda partial: torch.save(whole, partial))
        for old in sorted(folder.glob("epoch-*.pt"))[:-CHECKPOINTS_KEPT]:
            old.unlink()
        self.voice.say("checkpoint", path=path, epoch=progress.epoch, step=progress.step, sha256=sha256_of(path))

    def resume(self, source: Path, data: Path, project: Path) -> Path:
        """The newest checkpoint with the paths of this attempt, for the framework to go on from.

        It is one that this runner has written and the platform has kept under its hash: it is unpickled as such.
        """
        found = sorted(source.rglob("epoch-*.pt")) if source.is_dir() else [source]
        if not found:
            raise Failure("internal", f"{source} holds no checkpoint", "start the training again")
        whole = torch.load(found[-1], map_location="cpu", weights_only=False)
        self.progress = Progress(**json.loads(whole[_KEY]["progress"]))
        self.best = whole[_KEY]["best"]
        mine = (self.spec.config_hash, self.spec.dataset_hash)
        if (self.progress.config_hash, self.progress.dataset_hash) != mine:
            said = "the checkpoint is of another configuration or dataset"
            raise config_failure(said, "resume with those that it was written with")
        whole["train_args"] |= {"data": str(data), "project": str(project), "name": "run", "save_dir": str(project / "run")}
        path = project / "run" / "weights" / "last.pt"
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(whole, path)
        self._start = None
        return path


def _rate(trainer: Any) -> float:
    return float(trainer.optimizer.param_groups[0]["lr"])


def _losses(told: Any) -> Measurements:
    parts = {name: float(value) for name, value in told.items()} if isinstance(told, dict) else {"loss": float(told)}
    return parts if "loss" in parts else {"loss": sum(parts.values()), **parts}


def _measured(told: dict[str, float]) -> Measurements:
    losses = {name.removeprefix("val/"): float(value) for name, value in told.items() if name.startswith("val/")}
    losses.setdefault("loss", sum(losses.values()))
    return losses | {_NAMES[name]: float(value) for name, value in told.items() if name in _NAMES}
