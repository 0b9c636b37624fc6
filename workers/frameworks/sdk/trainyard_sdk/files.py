"""Files that are there whole or not at all, whatever dies meanwhile."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

PARTIAL = ".partial"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """`write` fills another file, which takes the name once it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    write(partial)
    _sync(partial)
    partial.replace(path)
    _sync(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    write_whole(path, lambda partial: partial.write_bytes(content))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
