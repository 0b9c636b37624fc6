#!/usr/bin/env python3
"""Makes the models of this folder, one for each form of output and some that are not to be trusted, and expected.json:
what they say of two images, computed with numpy alone. Needs `pip install onnx numpy pillow`."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

HERE = Path(__file__).resolve().parent
SIDE, CLASSES, ANCHORS, PARTS, GRID = 32, ["cat", "dog", "owl"], 40, 5, 8
MEAN, STD = np.float32([0.5, 0.4, 0.3]), np.float32([0.25, 0.5, 0.2])
CONFIDENCE, LABEL, OVERLAP = 0.25, 0.5, 0.7
random = np.random.default_rng(7)


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


# The two images: noise that is the square already, and one colour that is letterboxed with 114.
NOISE = random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
NOISE[:16, :16] //= 4
PLAIN = np.full((40, 64, 3), (200, 100, 50), dtype=np.uint8)


def square(image):
    if image.shape[:2] == (SIDE, SIDE):
        return image, (1.0, 0.0, 0.0)
    height, width = image.shape[:2]
    scale = SIDE / max(width, height)
    inner = round(width * scale), round(height * scale)
    left, top = (SIDE - inner[0]) // 2, (SIDE - inner[1]) // 2
    out = np.full((SIDE, SIDE, 3), 114, dtype=np.uint8)
    out[top:top + inner[1], left:left + inner[0]] = image[0, 0]
    return out, (scale, left, top)


def planes(image):
    return ((image.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)


# ---- graphs

class Graph:
    """Nodes over `images`, whose mean of each channel is `pooled [N, 3]` and whose blocks of 4 x 4 are `cells [N, 3, 8, 8]`."""

    def __init__(self):
        self.nodes, self.weights, self.outputs = [], [], []
        self.node("GlobalAveragePool", ["images"], "means")
        self.node("Flatten", ["means"], "pooled", axis=1)
        self.node("AveragePool", ["images"], "cells", kernel_shape=[4, 4], strides=[4, 4])

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def weight(self, name, value):
        self.weights.append(numpy_helper.from_array(value, name))

    def linear(self, name, weight, bias, shape):
        """`pooled` by a matrix, and a bias, as `[N, *shape]`."""
        self.weight(f"{name}.weight", weight.reshape(3, -1))
        self.weight(f"{name}.bias", bias.reshape(-1))
        self.weight(f"{name}.shape", np.int64([-1, *shape]))
        self.node("Gemm", ["pooled", f"{name}.weight", f"{name}.bias"], f"{name}.flat")
        self.node("Reshape", [f"{name}.flat", f"{name}.shape"], f"{name}.linear")

    def convolved(self, name, weight, bias):
        """`cells` by a 1 x 1 convolution."""
        self.weight(f"{name}.weight", weight.reshape(*weight.shape, 1, 1))
        self.weight(f"{name}.bias", bias)
        self.node("Conv", ["cells", f"{name}.weight", f"{name}.bias"], name)

    def output(self, name, shape):
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape]))

    def save(self, name, output, classes=CLASSES, card=True):
        images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])
        graph = helper.make_graph(self.nodes, name, [images], self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        if card:
            told = {"task": "detect", "model": name, "classes": classes, "output": output, "preprocessing": {
                "image_size": SIDE, "resize": "letterbox", "mean": MEAN.astype(float).round(6).tolist(),
                "std": STD.astype(float).round(6).tolist()}}
            helper.set_model_props(model, {"trainyard": json.dumps(told)})
        (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


# ---- what is expected, from the same weights

def to_image(box, frame, size):
    (scale, left, top), (height, width) = frame, size
    x = np.clip((np.float64(box[0::2]) - left) / scale, 0, width)
    y = np.clip((np.float64(box[1::2]) - top) / scale, 0, height)
    return np.stack([x, y], 1).reshape(-1).tolist()


def overlap(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(w, 0) * max(h, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def kept(boxes, scores):
    """Places and classes of what is told, the surest first; nothing may be near a threshold."""
    classes, best = scores.argmax(1), scores.max(1)
    assert np.abs(best - CONFIDENCE).min() > 1e-3
    told = []
    for at in np.argsort(-best, kind="stable"):
        overlaps = [overlap(boxes[at], boxes[other]) for other in told if classes[other] == classes[at]]
        assert not overlaps or np.abs(np.array(overlaps) - OVERLAP).min() > 1e-3
        if best[at] >= CONFIDENCE and all(value <= OVERLAP for value in overlaps):
            told.append(at)
    return [(at, classes[at], best[at]) for at in told]


def named(class_, confidence, **more):
    return {"class": CLASSES[class_], "confidence": float(confidence), **more}


def detector(graph):
    """Boxes in five heaps, and scores; returns both as functions of `pooled`."""
    centres = random.uniform(8, 24, (5, 2))[np.arange(ANCHORS) % 5] + random.normal(0, 0.7, (ANCHORS, 2))
    sizes = random.uniform(7, 14, (5, 2))[np.arange(ANCHORS) % 5] + random.normal(0, 0.5, (ANCHORS, 2))
    base = np.concatenate([centres - sizes / 2, centres + sizes / 2], 1).astype(np.float32)
    moved = random.normal(0, 0.2, (3, ANCHORS, 4)).astype(np.float32)
    likely, bias = (random.normal(0, size, shape).astype(np.float32)
                    for size, shape in ((0.5, (3, ANCHORS, 3)), (1.5, (ANCHORS, 3))))
    graph.linear("boxes", moved, base, [ANCHORS, 4])
    graph.node("Identity", ["boxes.linear"], "boxes")
    graph.linear("scores", likely, bias, [ANCHORS, 3])
    graph.node("Sigmoid", ["scores.linear"], "scores")
    graph.output("boxes", [ANCHORS, 4]), graph.output("scores", [ANCHORS, 3])
    return lambda pooled: (np.tensordot(pooled, moved, 1) + base, sigmoid(np.tensordot(pooled, likely, 1) + bias))


def logits():
    graph, weight, bias = Graph(), random.normal(0, 1, (3, 3)).astype(np.float32), np.float32([0.1, 0, -0.1])
    graph.linear("logits", weight, bias, [3])
    graph.node("Identity", ["logits.linear"], "logits")
    graph.output("logits", [3])

    def expect(x, frame, size):
        powers = np.exp((x.mean((1, 2)) @ weight + bias).astype(np.float64))
        shares = powers / powers.sum()
        return [named(at, shares[at]) for at in np.argsort(-shares)]
    return graph, expect


def labels():
    graph, weight, bias = Graph(), random.normal(0, 1, (3, 3)).astype(np.float32), np.float32([2, 0.5, -3])
    graph.linear("logits", weight, bias, [3])
    graph.node("Identity", ["logits.linear"], "logits")
    graph.output("logits", [3])

    def expect(x, frame, size):
        shares = sigmoid(x.mean((1, 2)) @ weight + bias)
        return [named(at, shares[at]) for at in np.argsort(-shares) if shares[at] >= LABEL]
    return graph, expect


def boxes():
    graph = Graph()
    said = detector(graph)

    def expect(x, frame, size):
        corners, scores = said(x.mean((1, 2)))
        return [named(c, s, bbox=to_image(corners[at], frame, size)) for at, c, s in kept(corners, scores)]
    return graph, expect


def masks():
    graph = Graph()
    said = detector(graph)
    moved, base = random.normal(0, 0.2, (3, ANCHORS, 4)).astype(np.float32), random.normal(0, 1, (ANCHORS, 4)).astype(np.float32)
    mixed, bias = random.normal(0, 1, (4, 3)).astype(np.float32), np.float32([2, 0.3, 0.1, -0.2])
    base[:, 0] = np.abs(base[:, 0]) + 0.6
    graph.linear("coefficients", moved, base, [ANCHORS, 4])
    graph.node("Identity", ["coefficients.linear"], "coefficients")
    graph.output("coefficients", [ANCHORS, 4])
    graph.convolved("prototypes", mixed, bias)
    graph.output("prototypes", [4, GRID, GRID])

    def expect(x, frame, size):
        pooled, cells = x.mean((1, 2)), x.reshape(3, GRID, 4, GRID, 4).mean((2, 4))
        corners, scores = said(pooled)
        coefficients = np.tensordot(pooled, moved, 1) + base
        prototypes = np.tensordot(mixed, cells, 1) + bias[:, None, None]
        middles = (np.arange(GRID) + 0.5) * SIDE / GRID
        told = []
        for at, c, s in kept(corners, scores):
            x1, y1, x2, y2 = corners[at]
            inside = np.outer((middles >= y1) & (middles < y2), (middles >= x1) & (middles < x2))
            mask = inside & (np.tensordot(coefficients[at], prototypes, 1) > 0)
            rows = ["".join("#" if cell else "." for cell in row) for row in mask]
            told.append(named(c, s, bbox=to_image(corners[at], frame, size), mask=rows))
        return told
    return graph, expect


def keypoints():
    graph = Graph()
    said = detector(graph)
    moved, base = random.normal(0, 0.3, (3, ANCHORS, PARTS, 3)).astype(np.float32), random.uniform(2, 30, (ANCHORS, PARTS, 3)).astype(np.float32)
    base[..., 2] = random.uniform(0.3, 0.7, (ANCHORS, PARTS))
    moved[..., 2] = 0
    graph.linear("keypoints", moved, base, [ANCHORS, PARTS, 3])
    graph.node("Identity", ["keypoints.linear"], "keypoints")
    graph.output("keypoints", [ANCHORS, PARTS, 3])

    def expect(x, frame, size):
        pooled = x.mean((1, 2))
        corners, scores = said(pooled)
        points = np.tensordot(pooled, moved, 1) + base
        return [named(c, s, bbox=to_image(corners[at], frame, size),
                      keypoints=[[*to_image(point[:2], frame, size), float(point[2])] for point in points[at]])
                for at, c, s in kept(corners, scores)]
    return graph, expect


def queries():
    graph = Graph()
    moved, base = random.normal(0, 0.01, (3, 10, 4)).astype(np.float32), random.uniform(0.3, 0.6, (10, 4)).astype(np.float32)
    likely, bias = random.normal(0, 0.5, (3, 10, 3)).astype(np.float32), random.normal(-1, 1.5, (10, 3)).astype(np.float32)
    base[1] = base[0]  # Told twice: whoever made the model saw to that.
    bias[:2] = [[2, -1, -1], [1.5, -1, -1]]
    graph.linear("boxes", moved, base, [10, 4])
    graph.node("Identity", ["boxes.linear"], "boxes")
    graph.linear("logits", likely, bias, [10, 3])
    graph.node("Identity", ["logits.linear"], "logits")
    graph.output("logits", [10, 3]), graph.output("boxes", [10, 4])

    def expect(x, frame, size):
        pooled = x.mean((1, 2))
        cx, cy, w, h = (np.tensordot(pooled, moved, 1) + base).T * SIDE
        corners = np.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], 1)
        scores = sigmoid(np.tensordot(pooled, likely, 1) + bias)
        best = scores.max(1)
        assert np.abs(best - CONFIDENCE).min() > 1e-3
        return [named(scores[at].argmax(), best[at], bbox=to_image(corners[at], frame, size))
                for at in np.argsort(-best) if best[at] >= CONFIDENCE]
    return graph, expect


def pixels():
    graph = Graph()
    mixed, bias = random.normal(0, 2, (3, 3)).astype(np.float32), np.float32([0.3, 0, -0.1])
    graph.convolved("logits", mixed, bias)
    graph.output("logits", [3, GRID, GRID])

    def expect(x, frame, size):
        cells = x.reshape(3, GRID, 4, GRID, 4).mean((2, 4))
        values = (np.tensordot(mixed, cells, 1) + bias[:, None, None]).astype(np.float64)
        shares = np.exp(values) / np.exp(values).sum(0)
        best, (scale, left, top), (height, width) = shares.argmax(0), frame, size
        middles = (np.arange(GRID) + 0.5) * SIDE / GRID
        seen = np.outer((middles >= top) & (middles < top + height * scale), (middles >= left) & (middles < left + width * scale))
        told = []
        for at in range(3):
            mask = (best == at) & seen
            if mask.any():
                rows = ["".join("#" if cell else "." for cell in row) for row in mask]
                told.append(named(at, shares[at][mask].mean(), mask=rows))
        return sorted(told, key=lambda one: -one["confidence"])
    return graph, expect


def anomaly():
    graph = Graph()
    graph.linear("score", np.float32([[0.8], [-0.5], [0.3]]), np.float32([0.2]), [1])
    graph.weight("last", np.int64([1]))
    graph.node("Squeeze", ["score.linear", "last"], "score.one")
    graph.node("Sigmoid", ["score.one"], "score")
    graph.node("ReduceMean", ["cells"], "map.mean", axes=[1], keepdims=0)
    graph.node("Sigmoid", ["map.mean"], "map")
    graph.output("score", []), graph.output("map", [GRID, GRID])

    def expect(x, frame, size):
        score = float(sigmoid(x.mean((1, 2)) @ np.float32([0.8, -0.5, 0.3]) + np.float32(0.2)))
        cells = sigmoid(x.reshape(3, GRID, 4, GRID, 4).mean((2, 4)).mean(0))
        (scale, left, top), (height, width) = frame, size
        columns, rows = round(width * scale * GRID / SIDE), round(height * scale * GRID / SIDE)
        at = lambda count, length, border: ((((np.arange(count) + 0.5) / count * length * scale) + border) * GRID / SIDE).astype(int)
        heat = cells[np.ix_(at(rows, height, top), at(columns, width, left))]
        return {"score": score, "heat": (heat * 255).round().astype(int).tolist()}
    return graph, expect


# ---- models that are not to be trusted

def hostile():
    plain = lambda: (lambda graph: (graph.linear("logits", np.eye(3, dtype=np.float32), np.zeros(3, np.float32), [3]), graph)[1])(Graph())
    ended = lambda graph: (graph.node("Identity", ["logits.linear"], "logits"), graph.output("logits", [3]))

    graph = plain()
    ended(graph)
    graph.save("no_card", "logits", card=False)
    graph.save("other_classes", "logits", classes=["one", "two"])
    graph.save("other_output", "boxes")

    graph = plain()
    graph.nodes.append(helper.make_node("Teleport", ["logits.linear"], ["logits"], domain="com.nowhere"))
    graph.output("logits", [3])
    graph.save("unknown_operator", "logits")

    graph = plain()
    graph.node("Log", ["logits.linear"], "logs")
    graph.node("Neg", ["logs"], "negative")
    graph.node("Log", ["negative"], "logs.again")
    graph.node("Log", ["logs.again"], "logits")
    graph.output("logits", [3])
    graph.save("not_finite", "logits")

    # A few hundred bytes that ask for 4 TB.
    graph = plain()
    graph.weight("vast", np.int64([1_000_000, 1_000_000]))
    graph.node("Shape", ["images"], "shape")
    graph.node("ReduceSum", ["shape"], "sum", keepdims=0)
    graph.node("Cast", ["sum"], "sum.float", to=TensorProto.FLOAT)
    graph.node("Expand", ["sum.float", "vast"], "filled")
    graph.node("ReduceMax", ["filled"], "one", keepdims=0)
    graph.node("Add", ["logits.linear", "one"], "logits")
    graph.output("logits", [3])
    graph.save("vast", "logits")

    # A loop that takes about a second, and one that never ends.
    for name, most in (("slow", 400_000), ("endless", 2**62)):
        graph = plain()
        go_on, into, out, count = (helper.make_tensor_value_info(*it) for it in (
            ("go_on", TensorProto.BOOL, []), ("into", TensorProto.FLOAT, None), ("out", TensorProto.FLOAT, None), ("count", TensorProto.INT64, [])))
        going = helper.make_tensor_value_info("going", TensorProto.BOOL, [])
        body = helper.make_graph([helper.make_node("Identity", ["go_on"], ["going"]), helper.make_node("Cos", ["into"], ["out"])],
                                 "body", [count, go_on, into], [going, out])
        graph.weight("yes", np.bool_(True).reshape(()))
        graph.weight("most", np.int64(most).reshape(()))
        graph.node("Loop", ["most", "yes", "logits.linear"], "logits", body=body)
        graph.output("logits", [3])
        graph.save(name, "logits")

    # Weights in another file of the machine that it is loaded on.
    graph = plain()
    ended(graph)
    away = onnx.TensorProto(name="logits.weight", data_type=TensorProto.FLOAT, dims=[3, 3], data_location=TensorProto.EXTERNAL)
    away.external_data.add(key="location", value="passwd")
    graph.weights[0] = away
    graph.save("elsewhere", "logits")


def main():
    pngs, expected = {}, {}
    for name, image in (("noise", NOISE), ("plain", PLAIN)):
        Image.fromarray(image).save(HERE / f"{name}.png", optimize=True)
    for form in (logits, labels, boxes, masks, keypoints, queries, pixels, anomaly):
        graph, expect = form()
        name = form.__name__
        graph.save(name, name)
        expected[name] = {}
        for image_name, image in (("noise", NOISE), ("plain", PLAIN)):
            pixels_, frame = square(image)
            expected[name][image_name] = expect(planes(pixels_), frame, image.shape[:2])
    (HERE / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    hostile()


if __name__ == "__main__":
    main()
