"""A whole trainer in one file, to copy and change: a small network on small squares. Killed, it begins anew."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from safetensors.torch import load_file, safe_open, save_file

WIDTH = {"about": "channels of the first layer", "type": "integer", "low": 8, "high": 128, "default": 32}
ABOUT = {"protocol": 2, "runner": "example", "version": "1.0.0", "licence": "MIT", "resume": "never"}
ABOUT |= {"models": [{"id": "tiny", "task": "classify", "image_size": 32}], "options": {"width": WIDTH}}
# The squares of docs/trainers.md.
SQUARES = {
    "stretch": lambda image, side: image.resize((side, side), Image.BILINEAR),
    "letterbox": lambda image, side: ImageOps.pad(image, (side, side), Image.BILINEAR, (114, 114, 114)),
    "crop": lambda image, side: ImageOps.fit(image, (side, side), Image.BILINEAR),
}


def say(line, **fields):
    print(json.dumps({"line": line, **fields}), flush=True)


def network(classes, width):
    first = [torch.nn.Conv2d(3, width, 3, 2, 1), torch.nn.BatchNorm2d(width), torch.nn.ReLU()]
    second = [torch.nn.Conv2d(width, 64, 3, 2, 1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten()]
    return torch.nn.Sequential(*first, *second, torch.nn.Linear(256, classes))


def refuse(kind, message, next_step):
    say("failed", **{"class": kind}, message=message, next_step=next_step)
    return {"config": 64, "dataset": 65}[kind]


def read(spec, images, split):  # Pixels of 0..1 minus .5, by .25.
    images, side = [image for image in images if image["split"] == split], spec["config"]["image_size"]
    files = [Image.open(Path(spec["images"]) / image["name"]).convert("RGB") for image in images]
    pixels = torch.tensor(np.stack([np.asarray(SQUARES[spec["config"]["resize"]](file, side)) for file in files]))
    return (pixels.permute(0, 3, 1, 2) / 255 - 0.5) / 0.25, torch.tensor([image["labels"][0]["class"] for image in images])


def train(spec, work):
    config, (header, *images) = spec["config"], map(json.loads, open(spec["manifest"]))
    if config["model"] != "tiny":
        return refuse("config", "this trainer has one model", "set the model to tiny")
    try:
        (x, y), (vx, vy), classes = read(spec, images, "train"), read(spec, images, "validation"), header["classes"]
    except (OSError, SyntaxError, ValueError) as error:  # What is no image, and a split with none.
        return refuse("dataset", f"the images cannot be read ({error})", "see which one, and add the dataset again")
    torch.set_num_threads(spec["threads"] or torch.get_num_threads())
    torch.manual_seed(config["seed"])
    model, rate = network(len(classes), config.get("options", {}).get("width", 32)), config["learning_rate"]
    optimizer, best = torch.optim.AdamW(model.parameters(), rate), (-1.0, 0, {})
    say("started", device="cpu", parameters=sum(p.numel() for p in model.parameters()), train_images=len(x),
        validation_images=len(vx), classes=classes, dataset_hash=spec["dataset_hash"], resolved={})  # fmt: skip
    for epoch in range(1, config["epochs"] + 1):
        for part in torch.randperm(len(x)).split(config["batch_size"]):
            loss = F.cross_entropy(model.train()(x[part]), y[part])
            optimizer.zero_grad(), loss.backward(), optimizer.step()
        with torch.no_grad():
            answers = model.eval()(vx)
        told = {"loss": F.cross_entropy(answers, vy).item(), "accuracy": (answers.argmax(1) == vy).double().mean().item()}
        if is_best := told["accuracy"] > best[0]:
            best = told["accuracy"], epoch, {name: value.clone() for name, value in model.state_dict().items()}
        say("epoch", epoch=epoch, train={"loss": loss.item()}, validation=told, primary="accuracy", is_best=is_best,
            learning_rate=rate, seconds=0.0)  # fmt: skip
    how = {"image_size": config["image_size"], "resize": config["resize"], "mean": [0.5] * 3, "std": [0.25] * 3}
    card = {"task": "classify", "model": "tiny", "classes": classes, "preprocessing": how, "runner": "example"}
    save_file(best[2], work / "weights.safetensors", {"format": "pt", "trainyard": json.dumps(card)})
    export(work / "weights.safetensors", work / "model.onnx")
    for role, name in [("weights", "weights.safetensors"), ("onnx", "model.onnx")]:
        say("artifact", role=role, path=str(work / name))
    say("finished", best_epoch=best[1], measurements={"accuracy": best[0]}, classes=classes,
        weights=str(work / "weights.safetensors"), stopped_early=None)  # fmt: skip
    return 0


def export(weights, out):
    tensors, card = load_file(weights), json.loads(safe_open(weights, "pt").metadata()["trainyard"])
    model, side = network(len(card["classes"]), len(tensors["0.bias"])), card["preprocessing"]["image_size"]
    model.load_state_dict(tensors)
    free = {"images": {0: "N"}, "logits": {0: "N"}}
    torch.onnx.export(model.eval(), (torch.zeros(2, 3, side, side),), out, dynamo=False, input_names=["images"],
                      output_names=["logits"], dynamic_axes=free)  # fmt: skip
    proto = onnx.load(out)
    proto.metadata_props.add(key="trainyard", value=json.dumps({**card, "output": "logits"}))
    onnx.save(proto, out)


given = dict(zip(sys.argv[2::2], map(Path, sys.argv[3::2])))
if sys.argv[1] == "describe":
    print(json.dumps({**ABOUT, "precisions": ["fp32"], "devices": ["cpu"]}))
elif sys.argv[1] == "export":
    export(given["--weights"], given["--out"])
else:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(75))  # It begins anew: there is nothing to write.
    given["--work"].mkdir(parents=True, exist_ok=True)
    sys.exit(train(json.loads(given["--spec"].read_text()), given["--work"]))
