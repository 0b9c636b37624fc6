"""The framework's ONNX file, brought to the names and shapes of `Output` in `events/src/card.rs`."""

import contextlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from trainyard_sdk.card import KEY, Card
from trainyard_sdk.failure import Failure
from trainyard_sdk.files import write_whole
from trainyard_sdk.limits import ONNX_DIFFERENCE

from ultralytics import YOLO

from .answers import LEAST, every_place

OUTPUT = {"detect": "boxes", "segment": "masks", "pose": "keypoints", "classify": "logits"}
_OPSET = 17


def write(path: Path, network: YOLO, card: Card, points: int) -> float:
    """Returns the largest difference of ONNX Runtime's raw answers from torch's."""
    side = card.preprocessing.image_size
    every_place(network)
    network.model.float().cpu().eval()
    images = torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = _raw(network.model, images)
    # It writes where the process stands.
    with contextlib.chdir(path.absolute().parent):
        how = {"imgsz": side, "dynamic": True, "simplify": False, "opset": _OPSET, "device": "cpu"}
        theirs = Path(network.export(format="onnx", **how)).absolute()
    proto = onnx.load(theirs)
    difference = _difference(theirs, images.numpy(), expected)
    if not difference <= ONNX_DIFFERENCE:
        said = f"as ONNX, {card.model} answers otherwise: {difference:.2g} from torch"
        raise Failure("internal", said, "choose another model; this is a fault of the export")
    reform(proto, card, points)
    write_whole(path, lambda partial: onnx.save(proto, partial))
    theirs.unlink()
    onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return difference


def _raw(model: nn.Module, images: torch.Tensor) -> list[np.ndarray]:
    """The tensors of an answer in their order, however deep they lie."""
    found: list[np.ndarray] = []

    def walk(answer: object) -> None:
        if isinstance(answer, torch.Tensor):
            found.append(answer.numpy())
        elif isinstance(answer, (tuple, list)):
            for one in answer:
                walk(one)

    walk(model(images))
    return found


def _difference(path: Path, images: np.ndarray, expected: list[np.ndarray]) -> float:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0.0
    for count in (1, len(images)):
        for answer in session.run(None, {"images": images[:count]}):
            same = [one[:count] for one in expected if one.shape[1:] == answer.shape[1:]]
            if not same:
                raise Failure("internal", f"the export answers with {answer.shape[1:]}, torch with nothing of it", "update")
            scale = max(1.0, float(np.abs(same[0]).max()))
            worst = max(worst, float(np.abs(same[0] - answer).max()) / scale)
    return worst


def reform(proto: onnx.ModelProto, card: Card, points: int) -> None:
    """Adds the nodes that turn their outputs into ours, and the card."""
    graph, side, classes = proto.graph, card.preprocessing.image_size, len(card.classes)
    for axis, length in enumerate(["N", 3, side, side]):
        dimension = graph.input[0].type.tensor_type.shape.dim[axis]
        dimension.Clear()
        if isinstance(length, str):
            dimension.dim_param = length
        else:
            dimension.dim_value = length
    raw = [output.name for output in graph.output]
    del graph.output[:]
    if card.task == "classify":
        _logarithm(graph, raw[0], classes)
    else:
        _boxes(graph, raw, card.task, classes, points)
    del proto.metadata_props[:]
    proto.metadata_props.add(key=KEY, value=card.json(OUTPUT[card.task]))
    onnx.checker.check_model(proto)


def _constant(graph: onnx.GraphProto, name: str, values: np.ndarray) -> str:
    graph.initializer.append(numpy_helper.from_array(values, name))
    return name


def _node(graph: onnx.GraphProto, kind: str, inputs: list[str], outputs: list[str], **attributes: object) -> None:
    graph.node.append(helper.make_node(kind, inputs, outputs, name=f"trainyard_{outputs[0]}", **attributes))


def _say(graph: onnx.GraphProto, name: str, shape: list[str | int]) -> None:
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def _logarithm(graph: onnx.GraphProto, probabilities: str, classes: int) -> None:
    """Softmax of logarithms of probabilities gives them back."""
    least = _constant(graph, "trainyard_least", np.array(LEAST, np.float32))
    _node(graph, "Max", [probabilities, least], ["trainyard_kept"])
    _node(graph, "Log", ["trainyard_kept"], ["logits"])
    _say(graph, "logits", ["N", classes])


def _boxes(graph: onnx.GraphProto, raw: list[str], task: str, classes: int, points: int) -> None:
    """`[N, 4 + C + K, A]` of centres, sizes, scores and what else there is."""
    further = {"detect": [], "segment": ["coefficients"], "pose": ["flat_points"]}[task]
    width = {"detect": [], "segment": [32], "pose": [3 * points]}[task]
    _node(graph, "Transpose", [raw[0]], ["trainyard_places"], perm=[0, 2, 1])
    lengths = _constant(graph, "trainyard_lengths", np.array([2, 2, classes, *width], np.int64))
    parts = ["trainyard_middle", "trainyard_size", "scores", *further]
    _node(graph, "Split", ["trainyard_places", lengths], parts, axis=2)
    half = _constant(graph, "trainyard_half", np.array(0.5, np.float32))
    _node(graph, "Mul", ["trainyard_size", half], ["trainyard_halves"])
    _node(graph, "Sub", ["trainyard_middle", "trainyard_halves"], ["trainyard_low"])
    _node(graph, "Add", ["trainyard_middle", "trainyard_halves"], ["trainyard_high"])
    _node(graph, "Concat", ["trainyard_low", "trainyard_high"], ["boxes"], axis=2)
    _say(graph, "boxes", ["N", "A", 4])
    _say(graph, "scores", ["N", "A", classes])
    if task == "segment":
        _node(graph, "Identity", [raw[1]], ["prototypes"])
        _say(graph, "coefficients", ["N", "A", 32])
        _say(graph, "prototypes", ["N", 32, "H", "W"])
    if task == "pose":
        shape = _constant(graph, "trainyard_shape", np.array([0, 0, points, 3], np.int64))
        _node(graph, "Reshape", ["flat_points", shape], ["keypoints"])
        _say(graph, "keypoints", ["N", "A", points, 3])
