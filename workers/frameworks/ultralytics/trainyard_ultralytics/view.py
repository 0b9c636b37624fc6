"""A dataset as YOLO wants it: a folder of links to the images, and a text file of labels beside each."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL.Image import Image as Pixels
from trainyard_sdk.failure import config_failure, dataset_failure
from trainyard_sdk.manifest import Image, Label, Manifest
from trainyard_sdk.square import is_deep, read_image

# Smaller images the framework leaves out.
_SIDE_MIN = 10
_SPLITS = {"train": "train", "validation": "val"}


def write_view(folder: Path, root: Path, manifest: Manifest, task: str) -> Path:
    """Returns what `data` of a training is: the description, or for classification the folder."""
    for split in _SPLITS:
        if not manifest.of(split):
            raise dataset_failure(f"no image is there to {'train' if split == 'train' else 'validate'} on", "add images")
    for split, theirs in _SPLITS.items():
        for index, image in enumerate(manifest.of(split)):
            # Exact to the bit, or not at all: the framework would leave a broken image out without a word.
            decoded = read_image(root, image)
            if min(image.width, image.height) < _SIDE_MIN:
                said = f"{image.name} has {image.width} x {image.height} pixels, and the framework wants {_SIDE_MIN}"
                raise dataset_failure(said, "choose another runner, or leave such images out")
            name = f"{index:08}{Path(image.name).suffix.lower()}"
            if task == "classify":
                _put(decoded, root / image.name, folder / theirs / f"{image.class_index:05}" / name, image)
            else:
                _put(decoded, root / image.name, folder / "images" / theirs / name, image)
                lines = "\n".join(_lines(image, task))
                labels = folder / "labels" / theirs / f"{index:08}.txt"
                labels.parent.mkdir(parents=True, exist_ok=True)
                labels.write_text(lines)
    if task == "classify":
        # The order of the folders is that of the classes, also of one without an image.
        for index in range(len(manifest.classes)):
            for theirs in _SPLITS.values():
                (folder / theirs / f"{index:05}").mkdir(parents=True, exist_ok=True)
        return folder
    told = {"path": str(folder), "train": "images/train", "val": "images/val", "names": dict(enumerate(manifest.classes))}
    if task == "pose":
        told["kpt_shape"] = [len(manifest.keypoints or []), 3]
        if manifest.mirrored:
            told["flip_idx"] = manifest.mirrored
    path = folder / "data.yaml"
    # JSON is YAML, and quotes whatever a class is called.
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return path


def _put(decoded: Pixels, source: Path, target: Path, image: Image) -> None:
    """The framework takes the upper 8 of 16 bits: where the set uses others, it gets what they are scaled to."""
    with source.open("rb") as file:
        deep = is_deep(file.read(32))
    if image.sample_bits and deep:
        target.parent.mkdir(parents=True, exist_ok=True)
        decoded.save(target.with_suffix(".png"))
    else:
        _link(source, target)


def _link(source: Path, target: Path) -> None:
    """The framework writes anew what ends otherwise than a JPEG should: it gets a copy, and never what others share."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        is_jpeg = file.read(3) == b"\xff\xd8\xff"
        file.seek(-2, os.SEEK_END)
        is_whole = file.read() == b"\xff\xd9"
    if is_jpeg and not is_whole:
        shutil.copyfile(source, target)
    else:
        os.symlink(source.absolute(), target)


def _lines(image: Image, task: str) -> Iterator[str]:
    for label in image.labels:
        if label.crowd:
            continue
        if task == "segment":
            yield from _outlines(label, image)
        elif label.box:
            yield " ".join([str(label.class_index), *_centre(label.box, image), *_points(label, image, task)])


def _centre(box: tuple[float, float, float, float], image: Image) -> list[str]:
    x, y, width, height = box
    parts = [(x + width / 2) / image.width, (y + height / 2) / image.height, width / image.width, height / image.height]
    return [f"{min(max(part, 0), 1):.6f}" for part in parts]


def _points(label: Label, image: Image, task: str) -> list[str]:
    if task != "pose":
        return []
    if label.keypoints is None:
        raise config_failure(f"{image.name} has an object without key points", "choose the task detect")
    return [
        text
        for x, y, visible in label.keypoints
        for text in (f"{x / image.width:.6f}", f"{y / image.height:.6f}", str(int(visible)))
    ]


def _outlines(label: Label, image: Image) -> Iterator[str]:
    """A line for the largest part of an object: YOLO has one outline for each."""
    outlines = label.polygon or (_traced(label.mask, image) if label.mask else [])
    if outlines:
        largest = max(outlines, key=_area)
        sides = [image.width, image.height]
        yield " ".join(
            [str(label.class_index), *(f"{min(max(at / sides[i % 2], 0), 1):.6f}" for i, at in enumerate(largest))]
        )


def _traced(runs: list[int], image: Image) -> list[list[float]]:
    inside = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8).reshape(image.width, image.height).T
    found, _ = cv2.findContours(np.ascontiguousarray(inside), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [contour.reshape(-1).astype(float).tolist() for contour in found if len(contour) > 2]


def _area(outline: list[float]) -> float:
    return float(cv2.contourArea(np.array(outline, np.float32).reshape(-1, 2)))
