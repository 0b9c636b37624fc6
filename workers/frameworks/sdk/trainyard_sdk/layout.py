"""Networks laid out channels last, which convolutions are faster in on either device, and what breaks there."""

from functools import partial

import torch
from torch import Tensor, nn

# Of fewer channels than this, oneDNN in torch 2.11 writes beyond its memory where it learns.
_BREAKS_BELOW = 16


def laid_out(model: nn.Module) -> nn.Module:
    """What it answers and what its tensors are called stay the same."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and _breaks(module):
            module.register_forward_pre_hook(partial(_thinned, stride=module.stride))
            module.stride = (1, 1)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _breaks(layer: nn.Conv2d) -> bool:
    """One pixel wide, and not at every pixel: the side branch in the first layer of YOLO-NAS."""
    is_of_one = tuple(layer.kernel_size) == (1, 1) and layer.padding in ((0, 0), 0)
    return is_of_one and max(layer.stride) > 1 and layer.groups == 1 and layer.in_channels < _BREAKS_BELOW


def _thinned(_layer: nn.Module, given: tuple[Tensor], stride: tuple[int, ...]) -> Tensor:
    """The pixels that it is asked of."""
    (images,) = given
    return images[:, :, :: stride[0], :: stride[1]]
