"""What timm's own classifiers answer and how their weights are to change, in doubles, to compare with
(tests/classifiers.rs). Their weights are computed by a formula on both sides.

  python classifiers.py classifiers.json      in an environment with timm
"""

import json
import math
import sys

import timm
import torch
from reference import noise, summary
from torch.nn import functional

MODELS = ["efficientnet_b0", "efficientnet_b2", "mobilenetv3_small_100", "mobilenetv3_large_100", "convnext_tiny"]
SIDE, CLASSES, LABELS = 96, 5, [0, 3, 4]


def by_formula(number, name, shape):
    values = noise(number, math.prod(shape))
    if name.endswith("running_var"):
        values = 1 + 0.5 * abs(values)
    elif len(shape) > 1:
        values = values * (2 / math.sqrt(math.prod(shape[1:])))
    elif name.endswith("weight"):
        values = 1 + 0.25 * values
    else:
        values = values * 0.25
    return torch.from_numpy(values.astype("float32").reshape(shape))


def main(path):
    pixels = noise(1_000_000, len(LABELS) * 3 * SIDE * SIDE).reshape(len(LABELS), 3, SIDE, SIDE)
    images = torch.from_numpy(pixels).double()
    expected = {}
    for name in MODELS:
        model = timm.create_model(name, num_classes=CLASSES)
        tensors = {key: tensor for key, tensor in model.state_dict().items() if not key.endswith("num_batches_tracked")}
        for number, (key, tensor) in enumerate(sorted(tensors.items())):
            tensor.copy_(by_formula(number, key, tensor.shape))
        model.double().eval()
        with torch.no_grad():
            forward = model(images).flatten().tolist()
        model.train()
        logits = model(images)
        loss = functional.cross_entropy(logits, torch.tensor(LABELS))
        loss.backward()
        parameters, order = dict(model.named_parameters()), sorted(tensors)
        expected[name] = {
            "shapes": {key: list(tensors[key].shape) for key in order},
            "forward": forward,
            "train": logits.flatten().tolist(),
            "loss": loss.item(),
            "gradients": {
                key: summary(parameters[key].grad, number) for number, key in enumerate(order) if key in parameters
            },
        }
    with open(path, "w") as file:
        json.dump(expected, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    main(sys.argv[1])
