"""One training: epochs of steps, each followed by validation, a verdict and a checkpoint."""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import average, checkpoint
from .batch_norm import by_all
from .batches import ahead, steps_per_epoch, training_plan
from .card import Card
from .draws import Random
from .evaluate import evaluate
from .failure import config_failure, diverged
from .group import Group
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


class Next(IntEnum):
    """What comes after an epoch: the first process says it to the others."""

    LEARN = 0
    FINISH = 1
    LEAVE = 2


class Training:
    def __init__(
        self,
        spec: Spec,
        work: Path,
        voice: Voice,
        interrupt: Interrupt,
        hardware: Hardware,
        network: Network,
        group: Group,
    ):
        config = spec.config
        self.spec, self.work, self.voice = spec, work, voice
        self.interrupt, self.hardware, self.network, self.group = interrupt, hardware, network, group
        self.lesson = network.lesson
        self.model = laid_out(network.model.to(hardware.device))
        self.average = average.copy_of(self.model) if config.ema else None
        self.batches = steps_per_epoch(self.lesson.count("train"), config.batch_size)
        self.schedule = Schedule.of(config, self.batches)
        self.optimizer = Optimizer(config, self.model, network.scales, network.spared)
        self.progress = checkpoint.Progress(spec.config_hash, spec.dataset_hash)
        self.sums = self._zeros()
        self.best: dict[str, Tensor] = {}
        # Whether one of those that train together has been asked to leave.
        self._is_called = False
        self._checkpointed_s = time.monotonic()
        self._check_shares()

    def _check_shares(self) -> None:
        smallest, processes = self.lesson.count("train") // self.batches, self.group.seat.size
        if smallest < processes:
            said = f"a batch of {smallest} images leaves one of {processes} devices without any"
            raise config_failure(said, "set a larger batch_size, or take fewer GPUs")

    def agree(self) -> None:
        """What the first process begins with, all begin with."""
        self.group.meet()
        models = [self.model, *([self.average] if self.average else [])]
        self.group.hand_out([tensor for model in models for tensor in model.state_dict().values()])

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
                self.group.told(Next.LEAVE)
                return self._leave()
            self._count_time()
            self._close_epoch(evaluation)
            self.write_checkpoint()
            self.group.told(Next.FINISH if self.is_over() else Next.LEARN)
        return True

    def follow(self) -> bool:
        """The same beside the first process, which alone knows how good the epochs are."""
        if self.is_over():
            return True
        while self._steps():
            comes = self.group.told(Next.LEAVE)
            if comes != Next.LEARN:
                return comes == Next.FINISH
            self._begin_next()
        return False

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
        shares = [self.group.seat.share(batch) for batch in plan]
        lots = ahead(self.hardware.pool, shares, lambda indices: self.lesson.lot("train", indices, epoch))
        sizes = map(len, plan)
        images, since_s = 0, time.monotonic()
        while not self._is_asked_to_leave():
            waiting_s = time.monotonic()
            lot = next(lots, None)
            if lot is None:
                return True
            waited_s, count = time.monotonic() - waiting_s, next(sizes)
            sums = self._learn(lot, count)
            images += count
            if not self.group.seat.leads:
                continue
            if self.voice.is_step_due():
                self._check_finite()
                now = time.monotonic()
                self._say_step(sums, count, images / max(now - since_s, 1e-9), waited_s)
                images, since_s = 0, now
            if time.monotonic() - self._checkpointed_s > CHECKPOINT_INTERVAL_S:
                self._count_time()
                self.write_checkpoint()
        lots.close()
        return False

    def _is_asked_to_leave(self) -> bool:
        """All processes leave after the same batch, whoever of them is asked."""
        return self._is_called if self.group.seat.size > 1 else self.interrupt.is_raised

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

    def _learn(self, lot: Lot, count: int) -> Tensor:
        """One optimizer step by a batch of `count` images, of which `lot` is this process's share; returns what the lesson
        measures, summed over the batch and still on the device."""
        progress = self.progress
        batch_sums = self._pass(lot, count)
        self._add_up(batch_sums)
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

    def _pass(self, lot: Lot, count: int) -> Tensor:
        """Once there and back with a share; gradients of all parts of a batch add up to those of the batch."""
        # As many on every process, for each of them adds up statistics.
        own, parts = len(lot), min(self.spec.batch_divisor, count // self.group.seat.size)
        self._seed()
        self.network.to_train(self.model)
        pixels = normalise(lot.pixels, self.network.card.preprocessing, self.hardware.device)
        sums = self._zeros()
        for part in range(parts):
            start, end = part * own // parts, (part + 1) * own // parts
            with by_all(self.group) as noughts, self.hardware.autocast():
                learnt = self.lesson.learn(self.model, pixels[start:end], lot.truth[start:end])
            sum(noughts, learnt.loss * ((end - start) / count)).backward()
            sums += torch.stack([value.double() for value in learnt.sums])
        return sums

    def _add_up(self, sums: Tensor) -> None:
        """What all processes have found in a batch. A layer that no share has come by has no gradient."""
        if self.group.seat.size == 1:
            return
        learning = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        called, *found = self.group.totals(
            [self.interrupt.is_raised, *(parameter.grad is not None for parameter in learning)]
        )
        self._is_called = called > 0
        gradients = []
        for parameter in (parameter for parameter, there in zip(learning, found, strict=True) if there):
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
        self.group.add_up([*gradients, sums])

    def _seed(self) -> None:
        """What a framework draws for a batch depends on the batch alone, and on whose share it is."""
        share = [] if self.group.seat.leads else [self.group.seat.rank]
        drawn = Random([self.spec.config.seed, self.progress.epoch, self.progress.batch, *share]).draw() >> 1
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
        epoch = progress.epoch + 1
        is_best = progress.best_epoch is None or validation[primary] > progress.best[primary]
        told = {
            "epoch": epoch,
            "train": train,
            "validation": validation,
            "learning_rate": self.schedule.learning_rate(progress.step),
            "seconds": progress.seconds,
        }
        words = f"epoch {epoch}: train {in_words(train)}; validation {in_words(validation)}"
        print(f"{words}{', best so far' if is_best else ''}; {progress.seconds:.1f} s", file=sys.stderr)
        progress.history.append(told)
        if is_best:
            progress.best_epoch, progress.best = epoch, validation
            self.best = _copies(self.judged)
        self.voice.say("epoch", **told, primary=primary, is_best=is_best)
        self._begin_next()

    def _begin_next(self) -> None:
        progress = self.progress
        progress.epoch += 1
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
        if self.group.seat.leads:
            print(f"resuming after step {self.progress.step}", file=sys.stderr)


def _copies(model: nn.Module) -> dict[str, Tensor]:
    """Contiguous copies on the CPU."""
    return {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}
