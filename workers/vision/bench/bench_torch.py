"""The same training in PyTorch: ResNet-18 with the small stem, the same batch, threads, data and optimizer.

Prints one JSON object a line, as `trainyard-vision bench` does:
  {"what": "step" | "epoch", "layout": "contiguous" | "channels_last", "images_per_second": [..one for each round]}
"""

import argparse
import json
import os
import time

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        out = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return functional.relu(out, inplace=True)


class ResNet18(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        widths = [64, 64, 128, 256, 512]
        self.layers = nn.Sequential(
            *[
                nn.Sequential(Block(widths[i], widths[i + 1], 1 if i == 0 else 2), Block(widths[i + 1], widths[i + 1], 1))
                for i in range(4)
            ]
        )
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.layers(x)
        return self.fc(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Folder(torch.utils.data.Dataset):
    """A folder for each class; decoded and resized for each epoch anew, as torchvision's ImageFolder does."""

    def __init__(self, root, size):
        classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        self.files = [
            (os.path.join(root, name, file), index)
            for index, name in enumerate(classes)
            for file in sorted(os.listdir(os.path.join(root, name)))
        ]
        self.classes = len(classes)
        self.size = size

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path, label = self.files[index]
        image = Image.open(path).convert("RGB").resize((self.size, self.size), Image.BILINEAR)
        pixels = torch.from_numpy(numpy.asarray(image).copy()).permute(2, 0, 1).float().div_(255)
        shift = self.size // 8
        pixels = functional.pad(pixels[None], [shift] * 4, mode="replicate")[0]
        x, y = torch.randint(0, 2 * shift + 1, (2,)).tolist()
        return (pixels[:, y : y + self.size, x : x + self.size] - 0.3) / 0.35, label


def step(model, optimizer, images, labels, amp=False):
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=amp):
        loss = functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--size", type=int, default=32)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--layout", choices=["contiguous", "channels_last"], required=True)
    arguments.add_argument("--what", choices=["step", "epoch"], required=True)
    arguments.add_argument("--loaders", type=int, default=1)
    arguments.add_argument("--limit", type=int, default=0, help="images of an epoch; 0 is all")
    arguments.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments.add_argument("--amp", action="store_true", help="bfloat16 by autocast")
    options = arguments.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    layout = torch.channels_last if options.layout == "channels_last" else torch.contiguous_format
    folder = Folder(options.data, options.size)
    model = ResNet18(folder.classes).to(options.device, memory_format=layout).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)

    speeds = []
    if options.what == "step":
        images = torch.randn(options.batch, 3, options.size, options.size).contiguous(memory_format=layout)
        images = images.to(options.device)
        labels = torch.randint(0, folder.classes, (options.batch,)).to(options.device)
        step(model, optimizer, images, labels, options.amp)
        for _ in range(options.rounds):
            start = time.perf_counter()
            step(model, optimizer, images, labels, options.amp)
            speeds.append(options.batch / (time.perf_counter() - start))
    else:
        data = torch.utils.data.Subset(folder, range(0, len(folder), len(folder) // options.limit)) if options.limit else folder
        loader = torch.utils.data.DataLoader(
            data, options.batch, shuffle=True, num_workers=options.loaders, persistent_workers=options.loaders > 0
        )
        for _ in range(options.rounds + 1):
            start, seen = time.perf_counter(), 0
            for images, labels in loader:
                images = images.contiguous(memory_format=layout).to(options.device)
                step(model, optimizer, images, labels.to(options.device), options.amp)
                seen += len(labels)
            speeds.append(seen / (time.perf_counter() - start))
        speeds = speeds[1:]
    print(json.dumps({"what": options.what, "layout": options.layout, "images_per_second": speeds}))


if __name__ == "__main__":
    main()
