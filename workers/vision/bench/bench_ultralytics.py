"""The same training with the pip-installed `ultralytics`, through its public API: YOLO11n from a random start.

Prints one JSON object: images a second of each epoch's training and of validation, AP50 after the last epoch, and
the most memory that the process held.
"""

import argparse
import atexit
import json
import os
import resource
import shutil
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--data", required=True, help="data.yaml")
arguments.add_argument("--epochs", type=int, required=True)
arguments.add_argument("--size", type=int, default=320)
arguments.add_argument("--batch", type=int, default=8)
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--loaders", type=int, default=1)
arguments.add_argument("--device", default="cpu")
options = arguments.parse_args()

work = tempfile.mkdtemp(prefix="bench-")
atexit.register(shutil.rmtree, work, ignore_errors=True)
os.environ["YOLO_CONFIG_DIR"] = work
os.environ["YOLO_OFFLINE"] = "true"
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import torch  # noqa: E402
import yaml  # noqa: E402
from ultralytics import YOLO  # noqa: E402

torch.set_num_threads(options.threads)

with open(options.data) as file:
    described = yaml.safe_load(file)
# On a copy: it leaves caches beside the labels.
root = os.path.join(work, "data")
shutil.copytree(os.path.dirname(os.path.abspath(options.data)), root, ignore=shutil.ignore_patterns("*.cache"))
data = os.path.join(work, "data.yaml")
with open(data, "w") as file:
    yaml.safe_dump({**described, "path": root}, file)


def images(split):
    folder = os.path.join(root, described[split])
    return sum(name.lower().endswith((".png", ".jpg", ".jpeg")) for name in os.listdir(folder))


train, validation, began = [], [], {}
model = YOLO("yolo11n.yaml")


def start(what):
    began[what] = time.perf_counter()


def end(what, speeds, count):
    speeds.append(count / (time.perf_counter() - began[what]))


model.add_callback("on_train_epoch_start", lambda _: (torch.set_num_threads(options.threads), start("train")))
model.add_callback("on_train_epoch_end", lambda _: end("train", train, images("train")))
model.add_callback("on_val_start", lambda _: start("val"))
model.add_callback("on_val_end", lambda _: end("val", validation, images("val")))
results = model.train(
    data=data,
    epochs=options.epochs,
    imgsz=options.size,
    batch=options.batch,
    workers=options.loaders,
    device=options.device,
    pretrained=False,
    amp=False,
    cache="ram",
    plots=False,
    verbose=False,
    project=work,
    name="run",
    seed=42,
)
used = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(
    json.dumps(
        {
            "who": "ultralytics",
            "train_images_per_second": train,
            "validation_images_per_second": validation,
            "ap50": float(results.box.map50),
            "ap50_95": float(results.box.map),
            "memory_mib": round(used[0]),
            "loader_memory_mib": round(used[1]),
        }
    )
)
