"""Pooling to a number of cells, whatever the size, in a form that ONNX has."""

import torch
from torch import Tensor, nn


class Means(nn.Module):
    """The means of so many rows and columns of windows, whatever the size: as a product, which ONNX can say."""

    def __init__(self, rows: int, columns: int):
        super().__init__()
        self.rows, self.columns = rows, columns

    def forward(self, cells: Tensor) -> Tensor:
        height, width = (int(side) for side in cells.shape[-2:])
        return _windows(self.rows, height, cells) @ cells @ _windows(self.columns, width, cells).T


def _windows(count: int, cells: int, like: Tensor) -> Tensor:
    """`[count, cells]`: how much of each window every cell is."""
    windows = torch.zeros(count, cells, dtype=like.dtype, device=like.device)
    for window in range(count):
        first, end = window * cells // count, -(-(window + 1) * cells // count)
        windows[window, first:end] = 1 / (end - first)
    return windows


def with_means(model: nn.Module) -> nn.Module:
    """Adaptive pooling within a model, which ONNX knows for divisors of the size alone, becomes `Means`."""
    for name, child in model.named_children():
        match child:
            case nn.AdaptiveAvgPool2d(output_size=int(side)) if side > 1:
                setattr(model, name, Means(side, side))
            case nn.AdaptiveAvgPool2d(output_size=(int(rows), int(columns))) if rows * columns > 1:
                setattr(model, name, Means(rows, columns))
            case _:
                with_means(child)
    return model
