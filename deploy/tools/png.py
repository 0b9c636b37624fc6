"""Reads and writes 8-bit PNG files with nothing but the standard library: what the pinned data sets need."""

import struct, zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write(rows, colour_type):
    """The file of rows of bytes: colour type 0 is grey, 2 is RGB."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    width = len(rows[0]) // (3 if colour_type == 2 else 1)
    header = struct.pack(">IIBBBBB", width, len(rows), 8, colour_type, 0, 0, 0)
    pixels = b"".join(b"\0" + bytes(row) for row in rows)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def read_rgb(data):
    """The rows of a plain RGB file, each of width x 3 bytes."""
    if not data.startswith(SIGNATURE):
        raise ValueError("not a PNG file")
    at, header, packed = len(SIGNATURE), None, []
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed.append(body)
        at += length + 12
    width, height, depth, colour_type, _, _, interlaced = header
    if (depth, colour_type, interlaced) != (8, 2, 0):
        raise ValueError("not 8-bit RGB in order")
    return rows_of(zlib.decompress(b"".join(packed)), width * 3, height)


def rows_of(raw, stride, height):
    """Takes the filters back, row by row: each byte was stored as its difference from a guess."""
    above, rows = bytearray(stride), []
    for number in range(height):
        start = number * (stride + 1)
        row = bytearray(raw[start + 1:start + 1 + stride])
        unfilter(raw[start], row, above)
        rows.append(row)
        above = row
    return rows


def unfilter(kind, row, above):
    if kind == 1:  # the pixel to the left
        for at in range(3, len(row)):
            row[at] = row[at] + row[at - 3] & 255
    elif kind == 2:  # the pixel above
        row[:] = bytes(value + up & 255 for value, up in zip(row, above))
    elif kind == 3:  # the mean of both
        for at in range(len(row)):
            row[at] = row[at] + ((row[at - 3] if at > 2 else 0) + above[at] >> 1) & 255
    elif kind == 4:  # of left, above and above left, whatever lies nearest to left + above - above left
        left, corner = [0, 0, 0], [0, 0, 0]
        for at, up in enumerate(above):
            channel = at % 3
            a, c = left[channel], corner[channel]
            to_a, to_b, to_c = abs(up - c), abs(a - c), abs(a + up - 2 * c)
            guess = a if to_a <= to_b and to_a <= to_c else up if to_b <= to_c else c
            left[channel] = row[at] = row[at] + guess & 255
            corner[channel] = up
    elif kind != 0:
        raise ValueError(f"{kind} is no filter of PNG")
