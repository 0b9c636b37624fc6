"""The model as an ONNX file with its card, announced only once ONNX Runtime gives torch's answers."""

import warnings
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .card import KEY, Card
from .failure import Failure
from .files import write_whole
from .limits import ONNX_DIFFERENCE
from .pooling import with_means

_OPSET = 17
# The first outputs of a form that have a row for each query.
_OF_QUERIES = {"queries": 2, "masks": 3}


class Answering(nn.Module):
    """A model whose answers take another step than its own `forward`."""

    def __init__(self, model: nn.Module, answers: Callable[[Any, Tensor], Any]):
        super().__init__()
        self.model, self._answers = model, answers

    def forward(self, images: Tensor) -> Any:
        return self._answers(self.model, images)


def write_onnx(path: Path, model: nn.Module, card: Card, output: str, outputs: list[str], examples: Tensor) -> float:
    """`examples` are normalised `[N, 3, S, S]`, at least one. Returns the largest difference from torch's answers."""
    model = model.cpu().float().eval()
    examples = examples.cpu().float()

    def write(partial: Path) -> None:
        _export(with_means(deepcopy(model)), examples[:1].repeat(2, 1, 1, 1), partial, outputs)
        proto = onnx.load(partial)
        proto.metadata_props.add(key=KEY, value=card.json(output))
        onnx.save(proto, partial)

    try:
        write_whole(path, write)
        difference = max(_difference(path, model, part, output, outputs) for part in (examples[:1], examples))
    except Failure:
        raise
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Failure("internal", f"{card.model} cannot be written as ONNX ({said})", "choose another model") from error
    if not difference <= ONNX_DIFFERENCE:
        path.unlink()
        raise Failure(
            "internal",
            f"as ONNX, {card.model} answers otherwise: {difference:.2g} from torch",
            "choose another model; this is a fault of the export",
        )
    return difference


def _export(model: nn.Module, example: Tensor, path: Path, outputs: list[str]) -> None:
    axes = {name: {0: "N"} for name in ["images", *outputs]}
    with warnings.catch_warnings(), torch.no_grad():
        # Of tracing: whether it traced right is measured.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example,),
            path,
            dynamo=False,
            opset_version=_OPSET,
            input_names=["images"],
            output_names=outputs,
            dynamic_axes=axes,
        )


def _difference(path: Path, model: nn.Module, images: Tensor, output: str, outputs: list[str]) -> float:
    """The largest one of all outputs, as part of the largest answer where that is above 1."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    answers = session.run(outputs, {"images": images.numpy()})
    with torch.no_grad():
        expected = model(images)
    expected = [expected] if isinstance(expected, Tensor) else list(expected)
    references = [truth.numpy() for truth in expected]
    scales = [max(1.0, float(np.abs(reference).max(initial=0.0))) for reference in references]
    answers = [answer / scale for answer, scale in zip(answers, scales, strict=True)]
    references = [reference / scale for reference, scale in zip(references, scales, strict=True)]
    count = _OF_QUERIES.get(output, 0)
    if count:
        own, theirs = _together(answers[:count]), _together(references[:count])
        answers, references = [_in_the_order_of(own, theirs), *answers[count:]], [theirs, *references[count:]]
    pairs = zip(answers, references, strict=True)
    return max(float(np.abs(answer - reference).max(initial=0.0)) for answer, reference in pairs)


def _together(parts: list[np.ndarray]) -> np.ndarray:
    """`[N, Q, ...]` of `[N, Q, C]`, `[N, Q, 4]` and others."""
    return np.concatenate(parts, -1)


def _in_the_order_of(answers: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Queries of equal rank may come in any order: each is set beside the one that is left and most like it."""
    ordered = np.empty_like(answers)
    for image, (own, theirs) in enumerate(zip(answers, references, strict=True)):
        distances = np.abs(own[None] - theirs[:, None]).max(-1)
        for query in range(len(theirs)):
            nearest = int(distances[query].argmin())
            ordered[image, query] = own[nearest]
            distances[:, nearest] = np.inf
    return ordered
