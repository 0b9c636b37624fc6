"""torchvision behind the three commands of a trainer."""

from pathlib import Path

from trainyard_sdk import classifiers, dense, weights
from trainyard_sdk.card import DEVICES, Description, settled
from trainyard_sdk.classifiers import PRECISION
from trainyard_sdk.failure import config_failure
from trainyard_sdk.interrupt import Interrupt
from trainyard_sdk.protocol import Voice
from trainyard_sdk.spec import Spec

import torchvision

from .classifiers import Classifiers
from .detectors import Detectors


class Torchvision:
    def describe(self) -> Description:
        from .catalog import models

        version = torchvision.__version__.partition("+")[0]
        own = Classifiers()
        return Description(
            own.name, version, own.licence, "exact", list(PRECISION["choices"]), DEVICES, models(), own.options
        )

    def train(self, spec: Spec, work: Path, resume: Path | None, voice: Voice, interrupt: Interrupt) -> bool:
        if spec.config.task != "detect":
            return classifiers.train(Classifiers(), spec, work, resume, voice, interrupt)
        options = settled(Classifiers.options, spec.config.options)
        if options["freeze"] != "none":
            raise config_failure("a detector is trained as a whole", "set freeze to none")
        return dense.train(Detectors(), ("detect",), spec, work, resume, voice, interrupt, options)

    def export(self, path: Path, out: Path) -> None:
        card, _ = weights.load(path)
        if card.task == "detect":
            dense.export(Detectors(), path, out)
        else:
            classifiers.export(Classifiers(), path, out)
