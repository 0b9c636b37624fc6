"""Squares, augmentation and draws are those of the platform's own trainer, whose numbers stand here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from trainyard_sdk.augment import augment, source_side
from trainyard_sdk.draws import Random
from trainyard_sdk.failure import Failure
from trainyard_sdk.manifest import Image as Described
from trainyard_sdk.square import BORDER, decode, read_image, scaled, square

# Printed by `augment` of workers/vision/src/data/augment.rs: FNV-1a over the bytes, key [7, 1, index].
AUGMENTED = {
    ("light", 32): ["db8f4c6e830224e5", "f390b983c1114e8b", "60cf07e4e99db6dc"],
    ("light", 96): ["7d962be5b8275f80", "abcf737d74b4b66d", "0063c954a504b54e"],
    ("standard", 32): ["40f36a879bb23555", "d1c6c7fe6f61df14", "0061644f0e15746b"],
    ("standard", 96): ["9bb903cce473356e", "7c79f8357001ba21", "3242057703451f80"],
}


def fnv(data: bytes) -> str:
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return f"{state:016x}"


def test_draws_are_the_platforms():
    random = Random([7, 1, 5])
    assert [random.draw(), random.draw()] == [344957269020521312, 3271097459358434650]
    assert (random.unit(), random.below(1000)) == (0.9394229362527059, 825)
    items = list(range(10))
    Random([3, 2]).shuffle(items)
    assert items == [1, 8, 5, 3, 0, 2, 6, 9, 4, 7]


@pytest.mark.parametrize(("kind", "side"), AUGMENTED)
def test_augmented_images_are_the_platforms_to_the_byte(kind: str, side: int):
    from_side = source_side(kind, side)
    source = (np.arange(from_side**2 * 3) * 7 % 251).astype(np.uint8).reshape(from_side, from_side, 3)
    before = source.copy()
    for index, expected in enumerate(AUGMENTED[kind, side]):
        made = augment(kind, source, side, (1, 2, 3), Random([7, 1, index]))
        assert fnv(made.tobytes()) == expected, index
    assert (source == before).all(), "what is kept in memory was written to"


def test_none_changes_nothing():
    source = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert (augment("none", source, 4, (0, 0, 0), Random([1])) == source).all()


def wide() -> Image.Image:
    """4 wide and 2 high: left half black, right half white."""
    return Image.fromarray(np.array([[[0] * 3] * 2 + [[255] * 3] * 2] * 2, np.uint8))


def test_each_way_to_a_square():
    reds = square(wide(), 4, "letterbox")[..., 0]
    assert reds[0].tolist() == reds[3].tolist() == [BORDER] * 4
    assert reds[1].tolist() == [0, 0, 255, 255]
    assert square(wide(), 2, "stretch").shape == (2, 2, 3)
    assert square(wide(), 2, "crop")[..., 0].reshape(-1).tolist() == [0, 255, 0, 255]
    line = square(Image.new("RGB", (1_000, 1), (9, 9, 9)), 8, "letterbox")[..., 0]
    assert (line == 9).sum() == 8, "an extreme shape keeps a pixel"


def test_resized_pixels_are_the_platforms_up_to_one_level():
    """`resized.txt` holds what workers/data/src/resize.rs made: its weights have 16 bits and Pillow's 22."""
    differences = []
    for line in (Path(__file__).parent / "resized.txt").read_text().splitlines():
        *numbers, pixels = line.split()
        width, height, left, top, w, h, out_width, out_height = map(float, numbers)
        count = np.arange(width * height * 3, dtype=np.uint64)
        source = (count * np.uint64(2654435761) >> np.uint64(7)).astype(np.uint8).reshape(int(height), int(width), 3)
        made = scaled(Image.fromarray(source), (left, top, w, h), int(out_width), int(out_height))
        expected = np.frombuffer(bytes.fromhex(pixels), np.uint8).reshape(made.shape)
        differences.append(np.abs(made.astype(int) - expected))
    everything = np.concatenate([difference.reshape(-1) for difference in differences])
    assert everything.max() <= 1 and everything.mean() < 0.3, (everything.max(), everything.mean())


def test_alpha_lies_over_white_and_orientation_is_applied(tmp_path: Path):
    Image.new("RGBA", (2, 1), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert decode((tmp_path / "clear.png").read_bytes()).getpixel((0, 0)) == (255, 255, 255)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 4)).save(tmp_path / "turned.jpg", exif=exif)
    assert decode((tmp_path / "turned.jpg").read_bytes()).size == (4, 8)
    Image.fromarray(np.full((2, 2), 65535, np.uint16)).save(tmp_path / "deep.png")
    assert decode((tmp_path / "deep.png").read_bytes()).getpixel((1, 1)) == (255, 255, 255)


def described(name: str, sha256: str) -> Described:
    return Described(sha256, name, 4, 4, "train")


def test_images_of_fewer_bits_are_scaled_by_those_that_the_set_uses(tmp_path: Path):
    Image.fromarray(np.array([[0, 2048, 4095, 65535]], np.uint16)).save(tmp_path / "deep.png")
    data = (tmp_path / "deep.png").read_bytes()
    assert [decode(data, 12).getpixel((x, 0))[0] for x in range(4)] == [0, 128, 255, 255]
    assert [decode(data).getpixel((x, 0))[0] for x in range(3)] == [0, 8, 16]
    # What is lost is not taken for black.
    colours = data[:25] + b"\x02" + data[26:]
    with pytest.raises(ValueError, match="use the runner trainyard"):
        decode(colours, 12)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\ncut", b"hello"])
def test_what_is_no_image_any_more_is_a_failure_of_the_dataset(tmp_path: Path, data: bytes):
    import hashlib

    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(Failure, match=r"a\.png") as caught:
        read_image(tmp_path, described("a.png", hashlib.sha256(data).hexdigest()))
    assert caught.value.kind == "dataset"


def test_another_content_is_refused(tmp_path: Path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(Failure, match="content is another"):
        read_image(tmp_path, described("a.png", "0" * 64))
    with pytest.raises(Failure, match="cannot be read"):
        read_image(tmp_path, described("b.png", "0" * 64))
