#!/usr/bin/env python3
"""A trainer that speaks the protocol and learns nothing: what it does is written in its dataset's folder.

`behaviour` there is one word; `gate` a number: epochs beyond it wait until it grows. `pids` gets the processes it starts.
"""

import hashlib, json, os, signal, subprocess, sys, time
from pathlib import Path

# Before the command stands what it is called as a runner, where it is one.
if sys.argv[1].startswith("--as="):
    NAME = sys.argv.pop(1).removeprefix("--as=")
else:
    NAME = "pretence"
arguments = dict(zip(sys.argv[2::2], sys.argv[3::2]))
leave = False


def say(**line):
    print(json.dumps(line), flush=True)


def read(path, otherwise):
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return otherwise


def on_sigterm(*_):
    global leave
    leave = True


def checkpoint(work, epoch, step):
    path = work / f"step-{step:04}.json"
    path.write_text(json.dumps({"epoch": epoch, "step": step}))
    say(line="checkpoint", path=str(path), epoch=epoch, step=step, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def wait_for_gate(dataset, work, epoch):
    while int(read(dataset / "gate", "1000000")) < epoch:
        if leave:
            if read(dataset / "behaviour", "steady") == "thorough":
                time.sleep(2)
            checkpoint(work, epoch - 1, 10 * (epoch - 1) + 5)
            sys.exit(75)
        time.sleep(0.01)


def train():
    spec, work = json.loads(Path(arguments["--spec"]).read_text()), Path(arguments["--work"])
    dataset, behaviour = Path(spec["images"]), read(Path(spec["images"]) / "behaviour", "steady")
    pids = [os.getpid()]
    signal.signal(signal.SIGTERM, on_sigterm)
    if behaviour == "deaf":
        # As one that still imports what it needs.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pids.append(subprocess.Popen(["sleep", "1000"]).pid)
    with open(dataset / "pids", "a") as file:
        file.write("".join(f"{pid}\n" for pid in pids))
    print("\x1b[1mhello\x1b[0m from the console", file=sys.stderr, flush=True)
    if behaviour == "chatty":
        rest = "x" * 90
        print("\n".join(f"line {number} {rest}" for number in range(2, 200_001)), file=sys.stderr, flush=True)
    if behaviour == "refuses":
        print("this configuration is no good", file=sys.stderr)
        sys.exit(64)
    done = 0
    if "--resume" in arguments:
        (saved,) = Path(arguments["--resume"]).iterdir()
        done = json.loads(saved.read_text())["epoch"]
    say(line="started", device="pretence (1 thread)", parameters=9, train_images=8, validation_images=2,
        classes=["a", "b"], dataset_hash=spec["dataset_hash"],
        resolved={"threads": str(spec["threads"]), "divisor": str(spec["batch_divisor"]), **started_from(spec)})
    print("not a line of the protocol", flush=True)
    for epoch in range(done + 1, spec["config"]["epochs"] + 1):
        wait_for_gate(dataset, work, epoch)
        say(line="step", epoch=epoch, step=10 * epoch, steps=10 * spec["config"]["epochs"], losses={"loss": 1 / epoch},
            learning_rate=0.1, images_per_second=100.0, data_wait_ms=0.5, gpu_mib=None)
        if behaviour == "fails" and epoch == 2:
            print("the loss went through the roof", file=sys.stderr, flush=True)
            say(line="failed", **{"class": "diverged"}, message="the loss is not finite", next_step="train slower")
            sys.exit(70)
        if behaviour == "leaps" and epoch == 2:
            epoch = 5
        say(line="epoch", epoch=epoch, train={"loss": 1 / epoch}, validation={"accuracy": 1 - 1 / (epoch + 1)},
            primary="accuracy", is_best=True, learning_rate=0.1, seconds=0.1)
        if behaviour != "writes last":
            checkpoint(work, epoch, 10 * epoch)
    (work / "weights.safetensors").write_bytes(b"weights of " + spec["job"].encode())
    (work / "report.json").write_text("{}")
    say(line="artifact", role="report", path="report.json")
    say(line="artifact", role="report", path="../spec.json")
    if behaviour == "writes last":
        checkpoint(work, spec["config"]["epochs"], 10 * spec["config"]["epochs"])
    say(line="finished", best_epoch=spec["config"]["epochs"], measurements={"accuracy": 0.9}, classes=["a", "b"],
        weights=str(work / "weights.safetensors"), stopped_early=None)
    if behaviour == "stays":
        time.sleep(1000)


def started_from(spec):
    if not spec["initial_weights"]:
        return {}
    path = Path(spec["initial_weights"])
    return {"initial_weights": f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"}


def describe():
    if NAME == "crashes":
        print("no module named torch", file=sys.stderr)
        sys.exit(1)
    say(protocol=1 if NAME == "old" else 2, runner="Not A Name" if NAME == "misnamed" else NAME, version="1.0", licence="MIT",
        resume="epoch", precisions=["fp32"], devices=["cpu"], models=[{"id": "resnet18", "task": "classify", "image_size": 224,
        "pretrained": [{"name": "made_up", "source": "hf://acme/pretence/model.safetensors", "licence": "MIT"}]}])


def inspect():
    path = Path(arguments["--path"])
    if read(path / "behaviour", "") == "crashes":
        print("cannot make head or tail of it", file=sys.stderr)
        sys.exit(70)
    if read(path / "behaviour", "") == "looks long":
        print(json.dumps({"stage": "read", "images": 3, "of": 8}), flush=True)
        (path / "looks").touch()
        while not (path / "seen").exists():
            time.sleep(0.01)
    images = {"train": 8, "validation": 2, "test": 0}
    if not path.is_dir():
        say(verdict="bad", problem="there is no such folder", next_step="name another", report=[], bad_files=0)
        return
    header = {"form": 1, "classes": ["a", "b"], "kinds": ["classify"]}
    Path(arguments["--manifest"]).write_text(json.dumps(header) + "\n")
    say(verdict="good", profile={
        "format": "image_folder", "task": "classify", "kinds": ["classify"], "images": images, "split": True,
        "classes": [{"name": "a", "images": images, "objects": 10}], "width": [8, 8, 8], "height": [8, 8, 8],
        "grey": True, "bytes": 10, "content_hash": "c0ffee", "warnings": [], "skipped": []})
    draw(Path(arguments["--samples"]), read(path / "behaviour", ""))


def draw(folder, behaviour):
    if behaviour == "draws nothing":
        print("no samples are shown: the disk is full", file=sys.stderr)
        return
    if behaviour == "dies of drawing":
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / "page.jpg").write_bytes(b"a page of a and b")
    (folder / "labels.json").write_text('{"images": []}')
    say(line="artifact", role="sample_images", path="page.jpg")
    say(line="artifact", role="sample_labels", path="../../../secret" if behaviour == "steals" else "labels.json")


def predictor():
    """Leaves its number and what it was told in the folder it was started in, and waits."""
    Path(f"served-{os.getpid()}").write_text(os.environ.get("TRAINYARD_NATS_URL", "nothing"))
    time.sleep(1000)


{"train": train, "describe": describe, "inspect": inspect, "predictor": predictor}[sys.argv[1]]()
