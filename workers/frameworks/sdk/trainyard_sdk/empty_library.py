"""Shared libraries with a name and nothing in them, for Linux on x86-64: made without a compiler.

Torch's one wheel names NVIDIA's libraries, which are five times its own size. Where there is no GPU they are never called, so
that something of the name is all that the loader wants.
"""

import struct
from pathlib import Path

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SYMBOL_BYTES = 24
_LOAD, _DYNAMIC, _GNU_STACK = 1, 2, 0x6474E551
_READ_WRITE = 6
# Tags of the dynamic section.
_HASH, _STRINGS, _SYMBOLS, _STRINGS_BYTES, _SYMBOL_ENTRY, _NAME = 4, 5, 6, 10, 11, 14
_PAGE_BYTES = 0x1000


def empty_library(name: str) -> bytes:
    """An ELF shared object that calls itself `name` and defines no symbol."""
    segments_at = _HEADER.size
    symbols_at = segments_at + 3 * _SEGMENT.size
    # One bucket and one chain: both lead to the null symbol.
    hashes_at = symbols_at + _SYMBOL_BYTES
    dynamic_at = hashes_at + 16
    hashes = struct.pack("<4I", 1, 1, 0, 0)
    strings = b"\0" + name.encode() + b"\0"
    strings_at = dynamic_at + 7 * 16
    entries = [
        (_NAME, 1),
        (_HASH, hashes_at),
        (_STRINGS, strings_at),
        (_SYMBOLS, symbols_at),
        (_STRINGS_BYTES, len(strings)),
        (_SYMBOL_ENTRY, _SYMBOL_BYTES),
        (0, 0),
    ]
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    size = strings_at + len(strings)
    header = _HEADER.pack(
        b"\x7fELF\x02\x01\x01" + bytes(9), 3, 62, 1, 0, segments_at, 0, 0, _HEADER.size, _SEGMENT.size, 3, 64, 0, 0
    )
    # The loader of older glibc writes addresses into the dynamic section: it must be writable.
    segments = (
        _SEGMENT.pack(_LOAD, _READ_WRITE, 0, 0, 0, size, size, _PAGE_BYTES)
        + _SEGMENT.pack(_DYNAMIC, _READ_WRITE, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 8)
        + _SEGMENT.pack(_GNU_STACK, _READ_WRITE, 0, 0, 0, 0, 0, 16)
    )
    return header + segments + bytes(_SYMBOL_BYTES) + hashes + dynamic + strings


def write_empty_libraries(names: list[str], folder: Path) -> None:
    """Writes those that are not there."""
    for name in names:
        path = folder / name
        if not path.exists():
            path.write_bytes(empty_library(name))
