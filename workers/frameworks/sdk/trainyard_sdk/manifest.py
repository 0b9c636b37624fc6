"""The one form of every dataset, as `workers/data/src/manifest.rs` writes it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .failure import Failure, config_failure
from .limits import MANIFEST_LINE_BYTES

_FORM = 1
_HEADER = {"form", "classes", "keypoints", "mirrored", "sample_bits", "kinds", "divided"}
_IMAGE = {"sha256", "name", "bytes", "width", "height", "split", "labels"}
_SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Label:
    """One object, or with nothing but a class the image itself."""

    class_index: int
    # Left, top, width, height in pixels of the upright image.
    box: tuple[float, float, float, float] | None = None
    polygon: list[list[float]] | None = None
    # Runs down the columns, outside first.
    mask: list[int] | None = None
    keypoints: list[list[float]] | None = None
    crowd: bool = False


@dataclass(frozen=True)
class Image:
    sha256: str
    name: str
    width: int
    height: int
    split: str
    labels: list[Label] = field(default_factory=list)
    # Of the whole set.
    sample_bits: int | None = None

    @property
    def class_index(self) -> int:
        """Of an image of a dataset for classification."""
        return self.labels[0].class_index


@dataclass(frozen=True)
class Manifest:
    classes: list[str]
    keypoints: list[str] | None
    kinds: list[str]
    divided: bool
    images: list[Image]
    # Of each key point, which one it is in a mirror.
    mirrored: list[int] | None = None
    # Bits that the 16-bit images use, where that is fewer than 16.
    sample_bits: int | None = None

    def of(self, split: str) -> list[Image]:
        return [image for image in self.images if image.split == split]


def _label(given: dict[str, Any], classes: int) -> Label:
    unknown = set(given) - {"class", "box", "polygon", "mask", "keypoints", "crowd", "difficult"}
    if unknown:
        raise ValueError(f"a label has the unknown field {sorted(unknown)[0]}: use a newer release")
    index = given["class"]
    if not isinstance(index, int) or not 0 <= index < classes:
        raise ValueError("a label is of a class that the header does not name")
    return Label(
        class_index=index,
        box=tuple(given["box"]) if given.get("box") else None,
        polygon=given.get("polygon"),
        mask=given["mask"]["counts"] if given.get("mask") else None,
        keypoints=given.get("keypoints"),
        crowd=bool(given.get("crowd", False)),
    )


def _image(given: dict[str, Any], classes: int, sample_bits: int | None) -> Image:
    unknown = set(given) - _IMAGE
    if unknown:
        raise ValueError(f"an image has the unknown field {sorted(unknown)[0]}: use a newer release")
    name = given["name"]
    if any(part in ("", ".", "..") for part in name.split("/")) or "\0" in name:
        raise ValueError(f"{name!r} is not a path below the root")
    if given["split"] not in _SPLITS or given["width"] < 1 or given["height"] < 1:
        raise ValueError(f"{name!r} has no split or no pixels")
    labels = [_label(label, classes) for label in given["labels"]]
    return Image(given["sha256"], name, given["width"], given["height"], given["split"], labels, sample_bits)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MANIFEST_LINE_BYTES + 1):
            number += 1
            if not line.endswith(b"\n"):
                raise ValueError(f"line {number} is cut off or too long")
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON ({error})") from error


def read_manifest(path: Path) -> Manifest:
    """Refuses what is of a newer form, cut off, or says of an image what cannot be."""
    try:
        lines = _lines(path)
        _, header = next(lines, (1, {}))
        if not header:
            raise ValueError("nothing is there")
        if header["form"] > _FORM or set(header) - _HEADER:
            raise ValueError(f"it is of form {header['form']}, and this trainer reads form {_FORM}: use a newer release")
        images = []
        for number, given in lines:
            try:
                images.append(_image(given, len(header["classes"]), header.get("sample_bits")))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"line {number}: {error!r}") from error
    except Failure:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise config_failure(f"the manifest {path} cannot be read ({error})", "add the dataset again") from error
    return Manifest(
        header["classes"],
        header.get("keypoints"),
        header["kinds"],
        header.get("divided", False),
        images,
        header.get("mirrored"),
        header.get("sample_bits"),
    )
