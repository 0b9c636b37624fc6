"""Images a second of what others train on: JPEG files decoded, cut to a random 224 square, flipped and normalised.

    load.py FOLDER [ROUNDS]

Each by the clock, and by the time that the core gave, which on a machine with other work is less.

One process, one thread, batches of 64. Whatever of Pillow, torchvision and OpenCV is installed takes its turn.
"""

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torchvision import transforms
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms import v2

SIDE, BATCH = 224, 64
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Load = Callable[[Path], torch.Tensor]


def pillow() -> Load:
    from PIL import Image

    change = transforms.Compose(
        [
            transforms.RandomResizedCrop(SIDE),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    return lambda path: change(Image.open(path).convert("RGB"))


def torchvision_v2() -> Load:
    change = v2.Compose(
        [
            v2.RandomResizedCrop(SIDE, antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )
    return lambda path: change(decode_jpeg(read_file(str(path)), mode=ImageReadMode.RGB))


def opencv() -> Load:
    import cv2

    cv2.setNumThreads(1)
    scale, shift = np.float32(1) / (255 * np.float32(STD)), np.float32(MEAN) / np.float32(STD)

    def load(path: Path) -> torch.Tensor:
        image = cv2.imread(str(path))[..., ::-1]
        size = torch.empty(3, *image.shape[:2])
        top, left, height, width = transforms.RandomResizedCrop.get_params(size, (0.08, 1.0), (3 / 4, 4 / 3))
        window = np.ascontiguousarray(image[top : top + height, left : left + width])
        square = cv2.resize(window, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        square = square[:, ::-1] if torch.rand(()) < 0.5 else square
        return torch.from_numpy(np.ascontiguousarray((square * scale - shift).transpose(2, 0, 1)))

    return load


def others() -> Iterator[tuple[str, Load]]:
    yield "Pillow, torchvision transforms", pillow()
    yield "torchvision v2 on tensors", torchvision_v2()
    if importlib.util.find_spec("cv2"):
        yield "OpenCV", opencv()


def main() -> None:
    files = sorted(Path(sys.argv[1]).rglob("*.jpg"))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    torch.set_num_threads(1)
    for name, load in others():
        speeds, core_speeds = [], []
        for _ in range(rounds):
            began, core_began = time.perf_counter(), time.process_time()
            for first in range(0, len(files), BATCH):
                torch.stack([load(path) for path in files[first : first + BATCH]])
            speeds.append(len(files) / (time.perf_counter() - began))
            core_speeds.append(len(files) / (time.process_time() - core_began))
        speed, core_speed = statistics.median(speeds), statistics.median(core_speeds)
        print(f"{'decoded and changed by ' + name:<46} {speed:7.0f} images/s, {core_speed:7.0f} by the core's time")


main()
