"""Whose features are looked at, and where their published weights lie, as the installed timm tells."""

from timm.models import get_pretrained_cfg
from trainyard_sdk.card import NOT_KNOWN, Model, Pretrained

import timm

PREFIX = "patchcore-"
# By our name the network of timm: convolutions, whose features are of places.
BACKBONES = {
    "efficientnet_lite0": "tf_efficientnet_lite0",
    "mobilenetv3_large_100": "mobilenetv3_large_100",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "wide_resnet50_2": "wide_resnet50_2",
    "efficientnet_b0": "efficientnet_b0",
}
# Side of the square in pixels: as PatchCore was published with, before its crop.
IMAGE_SIZE = 256
_SPDX = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause"}


def models() -> list[Model]:
    known = [(name, backbone) for name, backbone in BACKBONES.items() if timm.is_model(backbone)]
    return [Model(PREFIX + name, "anomaly", IMAGE_SIZE, _pretrained(backbone)) for name, backbone in known]


def _pretrained(backbone: str) -> list[Pretrained]:
    published = get_pretrained_cfg(backbone, allow_unregistered=True)
    if published is None or not published.hf_hub_id:
        return []
    # timm names its own repositories by a stem, to which it adds the name of the weights.
    full = f"{backbone}.{published.tag}" if published.tag else backbone
    repository = published.hf_hub_id if published.hf_hub_id != "timm/" else f"timm/{full}"
    source = f"hf://{repository}/{published.hf_hub_filename or 'model.safetensors'}"
    return [Pretrained(published.tag or "default", source, _SPDX.get(published.license or "", NOT_KNOWN))]
