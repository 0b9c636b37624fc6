"""One training: a look at each good image, what is kept of them, and a second look that tells how far good ones are."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from trainyard_sdk import checkpoint
from trainyard_sdk.batches import ahead, evaluation_plan
from trainyard_sdk.draws import Random
from trainyard_sdk.evaluate import evaluate
from trainyard_sdk.failure import dataset_failure
from trainyard_sdk.hardware import Hardware, resident_mib
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.lesson import Evaluation, Lot, normalise
from trainyard_sdk.limits import CHECKPOINT_INTERVAL_S
from trainyard_sdk.protocol import Voice, finite, in_words
from trainyard_sdk.spec import Spec
from trainyard_sdk.training import Network

from .lesson import Anomalies
from .memory import PatchCore, chosen

# Places among which the memory is chosen, of all good images together.
POOL_PLACES = 20_000
Take = Callable[[list[int], Tensor], None]
"""Of the images of a lot, what was seen in them."""

# Good images that are looked at a second time, evenly spread.
SECOND_LOOKS = 400


class Survey:
    """Everything is drawn from the seed and an image's number: where it stands and what it has kept are all its state."""

    def __init__(
        self,
        spec: Spec,
        work: Path,
        voice: Voice,
        interrupt: Interrupt,
        hardware: Hardware,
        network: Network,
        lesson: Anomalies,
        each: int,
        false_alarms: float,
    ):
        self.spec, self.work, self.voice, self.interrupt = spec, work, voice, interrupt
        self.hardware, self.network, self.lesson = hardware, network, lesson
        self.model: nn.Module = network.model.to(hardware.device)
        # Places of each image that are kept to choose from.
        self._each, self._false_alarms = each, false_alarms
        count, batch = lesson.count("train"), spec.config.batch_size
        again = sorted({number * count // min(count, SECOND_LOOKS) for number in range(min(count, SECOND_LOOKS))})
        self._first = evaluation_plan(count, batch)
        self._second = [[again[at] for at in part] for part in evaluation_plan(len(again), batch)]
        self.progress = checkpoint.Progress(spec.config_hash, spec.dataset_hash)
        self.best: dict[str, Tensor] = {}
        # `[P, D]` each, of every image `_each` rows one after the other.
        self._pool: list[Tensor] = []
        self._checkpointed_s = time.monotonic()

    @property
    def _core(self) -> PatchCore:
        assert isinstance(self.model, PatchCore)
        return self.model

    def announce(self, classes: list[str]) -> None:
        preprocessing = self.network.card.preprocessing
        three = lambda values: ", ".join(f"{value:.4f}" for value in values)  # noqa: E731
        self.voice.say(
            "started",
            device=self.hardware.name,
            parameters=sum(parameter.numel() for parameter in self.model.parameters()),
            train_images=self.lesson.count("train"),
            validation_images=self.lesson.count("validation"),
            classes=classes,
            dataset_hash=self.spec.dataset_hash,
            resolved={
                "threads": f"{self.hardware.arithmetic_threads} arithmetic",
                "steps": str(len(self._first) + len(self._second)),
                "pixel_mean": three(preprocessing.mean),
                "pixel_std": three(preprocessing.std),
                **self.lesson.notes(),
                **self.network.notes,
            },
        )

    def stopped_early(self) -> str | None:
        epochs = self.spec.config.epochs
        return f"each image is looked at once: 1 epoch of {epochs} is all there is to learn" if epochs > 1 else None

    def run(self) -> bool:
        """False when SIGTERM came and a checkpoint is written."""
        if self.progress.epoch:
            return True
        began_s = time.monotonic()
        if not self._look(self._first, 0, self._keep):
            return self._leave(began_s)
        self._remember()
        if not self._look(self._second, len(self._first), self._compare):
            return self._leave(began_s)
        self._core.set_limit(self._limit())
        evaluation = self.evaluate(self.model, "validation", self.interrupt)
        if evaluation is None:
            return self._leave(began_s)
        self.progress.seconds += time.monotonic() - began_s
        self._close(evaluation)
        self.write_checkpoint()
        return True

    def _leave(self, began_s: float) -> bool:
        self.progress.seconds += time.monotonic() - began_s
        self.write_checkpoint()
        print(f"asked to leave: checkpoint written after step {self.progress.step}", file=sys.stderr)
        return False

    # Looks.

    def _look(self, plan: list[list[int]], before: int, take: Take) -> bool:
        """What is left of the lots of a look; false when interrupted."""
        progress, steps = self.progress, len(self._first) + len(self._second)
        left = plan[max(0, progress.step - before) :]
        lots = ahead(self.hardware.pool, left, lambda indices: self.lesson.lot("train", indices, None))
        images, since_s = 0, time.monotonic()
        for indices in left:
            if self.interrupt.is_raised:
                lots.close()
                return False
            waiting_s = time.monotonic()
            lot = next(lots)
            waited_s = time.monotonic() - waiting_s
            take(indices, self._features(lot))
            progress.step += 1
            images += len(indices)
            if self.voice.is_step_due():
                now = time.monotonic()
                self._say_step(steps, images / max(now - since_s, 1e-9), waited_s)
                images, since_s = 0, now
            if time.monotonic() - self._checkpointed_s > CHECKPOINT_INTERVAL_S:
                self.write_checkpoint()
        return not self.interrupt.is_raised

    def _features(self, lot: Lot) -> Tensor:
        self.model.eval()
        with torch.no_grad():
            return self._core.features(normalise(lot.pixels, self.network.card.preprocessing, self.hardware.device))

    def _say_step(self, steps: int, images_per_second: float, waited_s: float) -> None:
        self.voice.step(
            epoch=1,
            step=self.progress.step,
            steps=steps,
            losses={},
            learning_rate=self.spec.config.learning_rate,
            images_per_second=images_per_second,
            data_wait_ms=waited_s * 1e3,
            gpu_mib=self.hardware.gpu_mib(),
            memory_mib=resident_mib(),
        )

    def _keep(self, indices: list[int], found: Tensor) -> None:
        """Some places of each image, drawn at random."""
        for index, places in zip(indices, found.flatten(2).transpose(1, 2), strict=True):
            order = list(range(len(places)))
            Random([self.spec.config.seed, index]).shuffle(order)
            self._pool.append(places[order[: self._each]].cpu())

    def _remember(self) -> None:
        pool = torch.cat(self._pool)
        indices = chosen(pool.to(self.hardware.device), len(self._core.memory), self.spec.config.seed)
        self._core.memory.copy_(pool[indices])
        # Of each place of the memory the image that it is from.
        self._owners = (indices // self._each).to(self.hardware.device)

    def _compare(self, indices: list[int], found: Tensor) -> None:
        """How far each image is from what the others have left."""
        own = self._owners == torch.tensor(indices, device=self._owners.device).unsqueeze(1)
        self.progress.sums += self._core.distances(found, own).flatten(1).amax(1).double().tolist()

    def _limit(self) -> float:
        """What so many of the good images stay below."""
        known = np.array([distance for distance in self.progress.sums if np.isfinite(distance)])
        if not len(known):
            raise dataset_failure("the good images are too few to be compared with each other", "add good images")
        return float(np.quantile(known, 1 - self._false_alarms))

    # The end.

    def evaluate(self, model: nn.Module, split: str, interrupt: Interrupt | None) -> Evaluation | None:
        preprocessing = self.network.card.preprocessing
        return evaluate(self.lesson, self.spec, preprocessing, self.hardware, model, split, interrupt)

    def _close(self, evaluation: Evaluation) -> None:
        progress, limit = self.progress, self._core.limit.item()
        own = [distance / (distance + limit) for distance in progress.sums if np.isfinite(distance)]
        train = {"score_good_median": float(np.median(own)), "score_good_max": max(own)}
        validation = finite(evaluation.measurements)
        progress.epoch, progress.best_epoch, progress.best = 1, 1, validation
        told = {
            "epoch": 1,
            "train": train,
            "validation": validation,
            "learning_rate": self.spec.config.learning_rate,
            "seconds": progress.seconds,
        }
        progress.history.append(told)
        self.best = _copies(self.model)
        print(f"{len(self._core.memory)} places remembered; validation {in_words(validation)}", file=sys.stderr)
        self.voice.say("epoch", **told, primary=self.lesson.primary, is_best=True)

    # Checkpoints.

    def write_checkpoint(self) -> None:
        progress = self.progress
        kept = {"pool": torch.cat(self._pool)} if self._pool else {}
        groups = {"model": self.best} if progress.epoch else {"kept": kept}
        path, sha256 = checkpoint.save(self.work, progress, groups)
        self.voice.say("checkpoint", path=path, epoch=progress.epoch, step=progress.step, sha256=sha256)
        self._checkpointed_s = time.monotonic()

    def resume(self, source: Path) -> None:
        """Goes on from a checkpoint of the same configuration and dataset."""
        self.progress, saved = checkpoint.load(source, self.spec.config_hash, self.spec.dataset_hash)
        if self.progress.epoch:
            checkpoint.restore(saved, "model", self.model.state_dict())
            self.best = _copies(self.model)
        self._pool = list(checkpoint.group(saved, "kept").values())
        print(f"resuming after step {self.progress.step}", file=sys.stderr)


def places_of_each(images: int, memory: int) -> int:
    """How many places of each image are enough to choose a memory from."""
    return -(-max(POOL_PLACES, memory) // images)


def _copies(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}
