"""One training: epochs of steps, each followed by validation, a verdict and a checkpoint."""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import average, checkpoint
from .batches import ahead, steps_per_epoch, training_plan
from .card import Card
from .draws import Random
from .evaluate import evaluate
from .failure import diverged
from .hardware import Hardware, resident_mib
from .interrupt import Interrupt
from .layout import laid_out
from .lesson import Evaluation, Lesson, Lot, normalise
from .limits import CHECKPOINT_INTERVAL_S
from .optimizer import Optimizer
from .protocol import Measurements, Voice, finite, in_words
from .schedule import Schedule
from .spec import Spec


def as_it_is(model: nn.Module) -> nn.Module:
    return model


def all_train(model: nn.Module) -> None:
    model.train()


@dataclass
class Network:
    """What a framework brings to a training."""

    model: nn.Module
    card: Card
    lesson: Lesson
    notes: dict[str, str] = field(default_factory=dict)
    # Parts of the learning rate by the parameters' names, and those that no weight decay is for.
    scales: dict[str, float] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)
    # Puts a model into the mode that it learns in.
    to_train: Callable[[nn.Module], None] = all_train
    # Brings a model into the form that it is written as ONNX in.
    to_export: Callable[[nn.Module], nn.Module] = as_it_is


class Training:
    def __init__(self, spec: Spec, work: Path, voice: Voice, interrupt: Interrupt, hardware: Hardware, network: Network):
        config = spec.config
        self.spec, self.work, self.voice = spec, work, voice
        self.interrupt, self.hardware, self.network = interrupt, hardware, network
        self.lesson = network.lesson
        self.model = laid_out(network.model.to(hardware.device))
        self.average = average.copy_of(self.model) if config.ema else None
        self.batches = steps_per_epoch(self.lesson.count("train"), config.batch_size)
        self.schedule = Schedule.of(config, self.batches)
        self.optimizer = Optimizer(config, self.model, network.scales, network.spared)
        self.progress = checkpoint.Progress(spec.config_hash, spec.dataset_hash)
        self.sums = self._zeros()
        self.best: dict[str, Tensor] = {}
        self._checkpointed_s = time.monotonic()

    def _zeros(self) -> Tensor:
        return torch.zeros(len(self.lesson.measured), dtype=torch.float64, device=self.hardware.device)

    @property
    def judged(self) -> nn.Module:
        """What validation looks at."""
        return self.average or self.model

    # What is said.

    def announce(self, classes: list[str]) -> None:
        preprocessing, config = self.network.card.preprocessing, self.spec.config
        three = lambda values: ", ".join(f"{value:.4f}" for value in values)  # noqa: E731
        resolved = {
            "threads": f"{self.hardware.arithmetic_threads} arithmetic",
            "precision": self.hardware.precision,
            "steps_per_epoch": str(self.batches),
            "steps": str(self.schedule.steps),
            "batch_parts": str(self.spec.batch_divisor),
            "pixel_mean": three(preprocessing.mean),
            "pixel_std": three(preprocessing.std),
            "weight_decay_on": "tensors of two or more dimensions",
            **({"ema_decay": average.decay_in_words(config.task)} if config.ema else {}),
            **self.lesson.notes(),
            **self.network.notes,
        }
        self.voice.say(
            "started",
            device=self.hardware.name,
            parameters=sum(parameter.numel() for parameter in self.model.parameters()),
            train_images=self.lesson.count("train"),
            validation_images=self.lesson.count("validation"),
            classes=classes,
            dataset_hash=self.spec.dataset_hash,
            resolved=resolved,
        )

    # Where it stands.

    def stopped_early(self) -> str | None:
        progress, patience = self.progress, self.spec.config.patience
        if patience is None or progress.best_epoch is None or progress.epoch >= self.spec.config.epochs:
            return None
        waited = progress.epoch - progress.best_epoch
        if waited < patience:
            return None
        primary = self.lesson.primary
        value = progress.best[primary]
        return f"validation {primary} did not rise above {value:.4f} of epoch {progress.best_epoch} in {waited} epochs"

    def is_over(self) -> bool:
        return self.progress.epoch >= self.spec.config.epochs or self.stopped_early() is not None

    def run(self) -> bool:
        """All epochs that are left; false when SIGTERM came and a checkpoint is written."""
        while not self.is_over():
            self._began_s = time.monotonic()
            if not self._steps():
                return self._leave()
            evaluation = self.evaluate(self.judged, "validation", self.interrupt)
            if evaluation is None:
                return self._leave()
            self._count_time()
            self._close_epoch(evaluation)
            self.write_checkpoint()
        return True

    def _count_time(self) -> None:
        now = time.monotonic()
        self.progress.seconds += now - self._began_s
        self._began_s = now

    def _leave(self) -> bool:
        self._count_time()
        self.write_checkpoint()
        print(f"asked to leave: checkpoint written after step {self.progress.step}", file=sys.stderr)
        return False

    # Steps.

    def _steps(self) -> bool:
        """What is left of the epoch's batches; false when interrupted."""
        config, progress = self.spec.config, self.progress
        epoch = progress.epoch + 1
        plan = training_plan(self.lesson.count("train"), config.batch_size, config.seed, epoch)[progress.batch :]
        lots = ahead(self.hardware.pool, plan, lambda indices: self.lesson.lot("train", indices, epoch))
        images, since_s = 0, time.monotonic()
        while not self.interrupt.is_raised:
            waiting_s = time.monotonic()
            lot = next(lots, None)
            if lot is None:
                return True
            waited_s = time.monotonic() - waiting_s
            sums = self._learn(lot)
            images += len(lot)
            if self.voice.is_step_due():
                self._check_finite()
                now = time.monotonic()
                self._say_step(sums, len(lot), images / max(now - since_s, 1e-9), waited_s)
                images, since_s = 0, now
            if time.monotonic() - self._checkpointed_s > CHECKPOINT_INTERVAL_S:
                self._count_time()
                self.write_checkpoint()
        lots.close()
        return False

    def _say_step(self, sums: Tensor, images: int, images_per_second: float, waited_s: float) -> None:
        named = zip(self.lesson.measured, (sums / images).tolist(), strict=True)
        self.voice.step(
            epoch=self.progress.epoch + 1,
            step=self.progress.step,
            steps=self.schedule.steps,
            losses=finite({name: value for name, value in named if name.endswith("loss")}),
            learning_rate=self.schedule.learning_rate(self.progress.step),
            images_per_second=images_per_second,
            data_wait_ms=waited_s * 1e3,
            gpu_mib=self.hardware.gpu_mib(),
            memory_mib=resident_mib(),
        )

    def _learn(self, lot: Lot) -> Tensor:
        """One optimizer step; returns what the lesson measures, summed over the batch and still on the device."""
        progress, count, parts = self.progress, len(lot), min(self.spec.batch_divisor, len(lot))
        self._seed()
        self.network.to_train(self.model)
        pixels = normalise(lot.pixels, self.network.card.preprocessing, self.hardware.device)
        batch_sums = self._zeros()
        for part in range(parts):
            start, end = part * count // parts, (part + 1) * count // parts
            with self.hardware.autocast():
                learnt = self.lesson.learn(self.model, pixels[start:end], lot.truth[start:end])
            # Gradients of the parts of a batch add up to those of the batch.
            (learnt.loss * ((end - start) / count)).backward()
            batch_sums += torch.stack([value.double() for value in learnt.sums])
        if self.lesson.gradient_norm:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.lesson.gradient_norm)
        progress.step += 1
        self.optimizer.step(self.schedule.learning_rate(progress.step))
        if self.average:
            average.update(self.average, self.model, average.decay(self.spec.config.task, progress.step))
        self.sums += batch_sums
        progress.batch += 1
        progress.images += count
        return batch_sums

    def _seed(self) -> None:
        """What a framework draws for a batch depends on the batch alone."""
        drawn = Random([self.spec.config.seed, self.progress.epoch, self.progress.batch]).draw() >> 1
        torch.manual_seed(drawn)
        np.random.seed(drawn & 0xFFFFFFFF)
        random.seed(drawn)

    def _check_finite(self) -> None:
        if not torch.isfinite(self.sums[0]).item():
            said = f"the loss is no number any more at step {self.progress.step}"
            raise diverged(said, self.spec.config.learning_rate)

    # Epochs.

    def evaluate(self, model: nn.Module, split: str, interrupt: Interrupt | None) -> Evaluation | None:
        preprocessing = self.network.card.preprocessing
        return evaluate(self.lesson, self.spec, preprocessing, self.hardware, model, split, interrupt)

    def _close_epoch(self, evaluation: Evaluation) -> None:
        """Says what the epoch brought and keeps it when it is the best so far."""
        self._check_finite()
        progress, primary = self.progress, self.lesson.primary
        validation = finite(evaluation.measurements)
        if "loss" not in validation and "loss" in evaluation.measurements:
            raise diverged("the validation loss is no number", self.spec.config.learning_rate)
        train: Measurements = dict(zip(self.lesson.measured, (self.sums / progress.images).tolist(), strict=True))
        progress.epoch += 1
        is_best = progress.best_epoch is None or validation[primary] > progress.best[primary]
        told = {
            "epoch": progress.epoch,
            "train": train,
            "validation": validation,
            "learning_rate": self.schedule.learning_rate(progress.step),
            "seconds": progress.seconds,
        }
        words = f"epoch {progress.epoch}: train {in_words(train)}; validation {in_words(validation)}"
        print(f"{words}{', best so far' if is_best else ''}; {progress.seconds:.1f} s", file=sys.stderr)
        progress.history.append(told)
        if is_best:
            progress.best_epoch, progress.best = progress.epoch, validation
            self.best = _copies(self.judged)
        self.voice.say("epoch", **told, primary=primary, is_best=is_best)
        progress.batch, progress.images, progress.seconds = 0, 0, 0.0
        self.sums = self._zeros()

    # Checkpoints.

    def _is_best_now(self) -> bool:
        """Whether the best tensors are those of this moment, which need not be stored twice."""
        return self.progress.batch == 0 and self.progress.best_epoch == self.progress.epoch

    def write_checkpoint(self) -> None:
        self._check_finite()
        progress = self.progress
        progress.sums = self.sums.tolist()
        groups = {"model": self.model.state_dict(), "optimizer": self.optimizer.state()}
        if self.average:
            groups["average"] = self.average.state_dict()
        if not self._is_best_now():
            groups["best"] = self.best
        path, sha256 = checkpoint.save(self.work, progress, groups)
        self.voice.say("checkpoint", path=path, epoch=progress.epoch, step=progress.step, sha256=sha256)
        self._checkpointed_s = time.monotonic()

    def resume(self, source: Path) -> None:
        """Goes on from a checkpoint of the same configuration and dataset."""
        self.progress, saved = checkpoint.load(source, self.spec.config_hash, self.spec.dataset_hash)
        checkpoint.restore(saved, "model", self.model.state_dict())
        if self.average:
            checkpoint.restore(saved, "average", self.average.state_dict())
        self.optimizer.restore(checkpoint.group(saved, "optimizer"))
        self.sums = torch.tensor(self.progress.sums, dtype=torch.float64, device=self.hardware.device)
        self.best = _copies(self.judged) if self._is_best_now() else checkpoint.group(saved, "best")
        print(f"resuming after step {self.progress.step}", file=sys.stderr)


def _copies(model: nn.Module) -> dict[str, Tensor]:
    """Contiguous copies on the CPU."""
    return {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}
