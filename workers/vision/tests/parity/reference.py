"""The same detector, loss and gradients as the Rust ones, in plain PyTorch, to compare with (tests/parity.rs).

Written from the published layer table and the papers alone, apart from the Rust code: a dense assigner instead of a
sparse one, cross entropy as PyTorch has it, gradients by autograd.

  python reference.py expected.json                      the numbers that every `cargo test` compares with: their
                                                         weights are computed by a formula on both sides
  python reference.py --weights W.safetensors OUT.safetensors
                                                         one pass with weights and inputs handed over in a file
"""

import argparse
import json
import math

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

BINS, STRIDES = 16, (8, 16, 32)
BOX_GAIN, CLASS_GAIN, DFL_GAIN = 7.5, 0.5, 1.5
SIDE, CLASSES = 128, 3
# For each image of the batch: class, x1, y1, x2, y2.
TRUTH = [
    [[0, 10.3, 12.7, 60.1, 71.9], [1, 50.2, 40.8, 118.6, 100.3], [2, 5.5, 90.1, 30.9, 120.7]],
    [],
    [[1, 30.1, 20.2, 110.7, 117.4], [0, 40.6, 30.3, 100.2, 90.9], [0, 66.1, 62.2, 77.3, 75.8]],
]


class Network:
    """The graph over a dictionary of weights."""

    def __init__(self, weights, train):
        self.w, self.train = weights, train

    def conv(self, name, x, stride=1, active=True, depthwise=False):
        w = self.w
        kernel = w[f"{name}.conv.weight"]
        groups = x.shape[1] if depthwise else 1
        x = functional.conv2d(x, kernel, None, stride, kernel.shape[-1] // 2, 1, groups)
        x = functional.batch_norm(
            x,
            w[f"{name}.norm.running_mean"].clone(),
            w[f"{name}.norm.running_var"].clone(),
            w[f"{name}.norm.weight"],
            w[f"{name}.norm.bias"],
            self.train,
            0.03,
            1e-3,
        )
        return functional.silu(x) if active else x

    def bottleneck(self, name, x):
        return x + self.conv(f"{name}.second", self.conv(f"{name}.first", x))

    def block(self, name, x):
        if f"{name}.join.conv.weight" not in self.w:
            return self.bottleneck(name, x)
        through = self.conv(f"{name}.through", x)
        for index in range(2):
            through = self.bottleneck(f"{name}.blocks.{index}", through)
        return self.conv(f"{name}.join", torch.cat([through, self.conv(f"{name}.past", x)], 1))

    def repeats(self, name):
        index = 0
        while any(key.startswith(f"{name}.blocks.{index}.") for key in self.w):
            index += 1
        return index

    def stage(self, name, x):
        parts = list(self.conv(f"{name}.split", x).chunk(2, 1))
        for index in range(self.repeats(name)):
            parts.append(self.block(f"{name}.blocks.{index}", parts[-1]))
        return self.conv(f"{name}.join", torch.cat(parts, 1))

    def pool(self, x):
        seen = [self.conv("pool.narrow", x)]
        for _ in range(3):
            seen.append(functional.max_pool2d(seen[-1], 5, 1, 2))
        return self.conv("pool.join", torch.cat(seen, 1))

    def attend(self, name, x):
        batch, channels, height, width = x.shape
        heads = max(channels // 64, 1)
        value = channels // heads
        mixed = self.conv(f"{name}.mix", x, active=False).view(batch, heads, -1, height * width)
        q, k, v = mixed.split([value // 2, value // 2, value], 2)
        weights = torch.einsum("bhci,bhcj->bhij", q, k) * (value // 2) ** -0.5
        seen = torch.einsum("bhij,bhcj->bhci", weights.softmax(-1), v).reshape(x.shape)
        position = self.conv(f"{name}.position", v.reshape(x.shape), active=False, depthwise=True)
        return self.conv(f"{name}.project", seen + position, active=False)

    def attention(self, x):
        past, x = self.conv("attention.split", x).chunk(2, 1)
        for index in range(self.repeats("attention")):
            name = f"attention.blocks.{index}"
            x = x + self.attend(f"{name}.attention", x)
            x = x + self.conv(f"{name}.narrow", self.conv(f"{name}.widen", x), active=False)
        return self.conv("attention.join", torch.cat([past, x], 1))

    def head(self, features):
        bins, classes = [], []
        for level, x in zip((3, 4, 5), features):
            name = f"head.level{level}"
            for parts, out in (("boxes", bins), ("classes", classes)):
                y = x
                for index in range(2 if parts == "boxes" else 4):
                    depthwise = parts == "classes" and index % 2 == 0
                    y = self.conv(f"{name}.{parts}.{index}", y, depthwise=depthwise)
                last = f"{name}.{parts}.last"
                y = functional.conv2d(y, self.w[f"{last}.weight"], self.w[f"{last}.bias"])
                out.append(y.flatten(2).permute(0, 2, 1))
        return torch.cat(bins, 1), torch.cat(classes, 1)

    def __call__(self, x):
        def double(x):
            return functional.interpolate(x, scale_factor=2, mode="nearest")

        x = self.conv("down2", self.conv("down1", x, 2), 2)
        level3 = self.stage("stage3", self.conv("down3", self.stage("stage2", x), 2))
        level4 = self.stage("stage4", self.conv("down4", level3, 2))
        level5 = self.attention(self.pool(self.stage("stage5", self.conv("down5", level4, 2))))
        neck4 = self.stage("neck4", torch.cat([double(level5), level4], 1))
        out3 = self.stage("out3", torch.cat([double(neck4), level3], 1))
        out4 = self.stage("out4", torch.cat([self.conv("coarsen4", out3, 2), neck4], 1))
        out5 = self.stage("out5", torch.cat([self.conv("coarsen5", out4, 2), level5], 1))
        return self.head([out3, out4, out5])


def cells(side):
    centres, strides = [], []
    for stride in STRIDES:
        at = (torch.arange(side // stride, dtype=torch.float32) + 0.5) * stride
        y, x = torch.meshgrid(at, at, indexing="ij")
        centres.append(torch.stack([x.flatten(), y.flatten()], 1))
        strides.append(torch.full((len(at) ** 2, 1), float(stride)))
    return torch.cat(centres), torch.cat(strides)


def ciou(a, b, epsilon=1e-7):
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a.unbind(-1), b.unbind(-1)
    aw, ah, bw, bh = ax2 - ax1, ay2 - ay1 + epsilon, bx2 - bx1, by2 - by1 + epsilon
    common = (torch.min(ax2, bx2) - torch.max(ax1, bx1)).clamp(0) * (torch.min(ay2, by2) - torch.max(ay1, by1)).clamp(0)
    iou = common / (aw * ah + bw * bh - common + epsilon)
    hull = (torch.max(ax2, bx2) - torch.min(ax1, bx1)) ** 2 + (torch.max(ay2, by2) - torch.min(ay1, by1)) ** 2 + epsilon
    apart = ((bx1 + bx2 - ax1 - ax2) ** 2 + (by1 + by2 - ay1 - ay2) ** 2) / 4
    v = 4 / math.pi**2 * (torch.atan(bw / bh) - torch.atan(aw / ah)) ** 2
    with torch.no_grad():
        alpha = v / (v - iou + 1 + epsilon)
    return iou - (apart / hull + alpha * v)


@torch.no_grad()
def assign(centres, boxes, scores, truth):
    """For one image: the target score of every cell and class, and the box of every cell (or -1)."""
    target, owner = torch.zeros_like(scores), torch.full((len(centres),), -1)
    if not truth:
        return target, owner
    labels = torch.tensor([int(row[0]) for row in truth])
    corners = torch.tensor([row[1:] for row in truth])
    inside = torch.cat([centres[None] - corners[:, None, :2], corners[:, None, 2:] - centres[None]], 2).amin(2) > 0
    overlap = ciou(boxes[None].expand(len(truth), -1, -1), corners[:, None].expand(-1, len(boxes), -1)).clamp(0)
    metric = scores[:, labels].T ** 0.5 * overlap**6 * inside
    chosen = torch.zeros_like(inside)
    chosen.scatter_(1, metric.topk(10, 1).indices, True)
    chosen &= metric > 0
    best = torch.where(chosen, overlap, -torch.ones_like(overlap)).argmax(0)
    chosen &= functional.one_hot(best, len(truth)).T.bool()
    metric, overlap = metric * chosen, overlap * chosen
    scaled = metric * overlap.amax(1, keepdim=True) / (metric.amax(1, keepdim=True) + 1e-9)
    mine = chosen.any(0)
    owner[mine] = chosen.float().argmax(0)[mine]
    index = mine.nonzero().flatten()
    target[index, labels[owner[index]]] = scaled.amax(0)[index]
    return target, owner


def detection_loss(bins, logits, truth, side):
    """The parts with their gains, and which cells learn a box."""
    centres, strides = cells(side)
    numbers = torch.arange(BINS, dtype=torch.float32)

    def decode(bins, centres, strides):
        left_top, right_bottom = ((bins.unflatten(-1, (4, BINS)).softmax(-1) * numbers).sum(-1) * strides).chunk(2, -1)
        return torch.cat([centres - left_top, centres + right_bottom], -1)

    targets, owners = zip(
        *[assign(centres, decode(bins[i], centres, strides), logits[i].sigmoid(), truth[i]) for i in range(len(truth))]
    )
    total = max(float(sum(target.sum() for target in targets)), 1.0)
    classes = functional.binary_cross_entropy_with_logits(logits, torch.stack(targets), reduction="sum") / total
    box = dfl = torch.zeros(())
    for i, (target, owner) in enumerate(zip(targets, owners)):
        mine = (owner >= 0).nonzero().flatten()
        if len(mine) == 0:
            continue
        weight = target[mine].sum(1)
        corners = torch.tensor([row[1:] for row in truth[i]])[owner[mine]]
        found = decode(bins[i, mine], centres[mine], strides[mine])
        box = box + ((1 - ciou(found, corners)) * weight).sum() / total
        reach = torch.cat([centres[mine] - corners[:, :2], corners[:, 2:] - centres[mine]], 1) / strides[mine]
        reach = reach.clamp(0, BINS - 1 - 0.01)
        low = reach.long()
        nll = -bins[i, mine].unflatten(-1, (4, BINS)).log_softmax(-1)
        near = nll.gather(2, low[..., None])[..., 0] * (low + 1 - reach)
        far = nll.gather(2, low[..., None] + 1)[..., 0] * (reach - low)
        dfl = dfl + ((near + far).mean(1) * weight).sum() / total
    learners = [(owner >= 0).nonzero().flatten().tolist() for owner in owners]
    return box * BOX_GAIN, classes * CLASS_GAIN, dfl * DFL_GAIN, learners


def noise(tensor, count):
    """Numbers of -1 to 1 for the `tensor`-th tensor: SplitMix64 of tensor and place, the same in Rust."""
    with numpy.errstate(over="ignore"):
        z = (numpy.uint64(tensor) << numpy.uint64(32)) + numpy.arange(count, dtype=numpy.uint64)
        z += numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z ^= z >> numpy.uint64(31)
    return ((z >> numpy.uint64(40)).astype(numpy.float64) / 2**23 - 1).astype(numpy.float32)


def by_formula(shapes):
    """Weights for `shapes` in the order of their names: of a size that keeps activations in range."""
    weights = {}
    for number, name in enumerate(sorted(shapes)):
        shape = shapes[name]
        values = noise(number, math.prod(shape))
        if name.endswith("running_var"):
            values = 1 + numpy.float32(0.5) * numpy.abs(values)
        elif name.endswith("norm.weight"):
            values = 1 + numpy.float32(0.25) * values
        elif len(shape) == 4:
            values = values * numpy.float32(2 / math.sqrt(math.prod(shape[1:])))
        else:
            values = values * numpy.float32(0.25)
        weights[name] = torch.from_numpy(values.reshape(shape))
    return weights


def summary(tensor, number):
    """The norm and the product with noise: a permutation changes the second."""
    flat = tensor.detach().double().flatten()
    return [float(flat.norm()), float(flat @ torch.from_numpy(noise(number, len(flat))).double())]


def images():
    values = noise(1_000_000, len(TRUTH) * 3 * SIDE * SIDE).reshape(len(TRUTH), 3, SIDE, SIDE)
    return torch.from_numpy((values + 1) / 2)


def learn(weights, pixels, truth):
    for name, tensor in weights.items():
        tensor.requires_grad_("running" not in name)
    bins, logits = Network(weights, True)(pixels)
    box, classes, dfl, learners = detection_loss(bins, logits, truth, pixels.shape[-1])
    ((box + classes + dfl) * len(truth)).backward()
    return bins, logits, (box, classes, dfl), learners


def expected(path):
    with open(path) as file:
        shapes = json.load(file)["shapes"]
    result = {"shapes": shapes, "forward": {}}
    for model, of in shapes.items():
        with torch.no_grad():
            outputs = Network(by_formula(of), False)(images())
        result["forward"][model] = [summary(output, number) for number, output in enumerate(outputs)]
    weights = by_formula(shapes["yolo11n"])
    bins, logits, losses, learners = learn(weights, images(), TRUTH)
    result["train"] = {
        "outputs": [summary(bins, 0), summary(logits, 1)],
        "losses": [float(loss.detach()) for loss in losses],
        "learners": learners,
        "gradients": {
            name: summary(tensor.grad, number)
            for number, (name, tensor) in enumerate(sorted(weights.items()))
            if tensor.grad is not None
        },
    }
    with open(path, "w") as file:
        json.dump(result, file, indent=1, sort_keys=True)
        file.write("\n")


def handed_over(source, target):
    tensors = load_file(source)
    pixels, boxes = tensors.pop("input/pixels"), tensors.pop("input/boxes")
    truth = [[] for _ in range(len(pixels))]
    for image, *row in boxes.tolist():
        truth[int(image)].append(row)
    bins, logits, losses, _ = learn(tensors, pixels, truth)
    out = {"bins": bins.detach(), "classes": logits.detach(), "losses": torch.stack(losses).detach()}
    out |= {f"gradient/{name}": tensor.grad for name, tensor in tensors.items() if tensor.grad is not None}
    save_file({name: tensor.contiguous() for name, tensor in out.items()}, target)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights")
    arguments.add_argument("out")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    if options.weights:
        handed_over(options.weights, options.out)
    else:
        expected(options.out)
