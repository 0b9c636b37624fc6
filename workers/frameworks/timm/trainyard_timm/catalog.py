"""What timm has, in the words of `describe`: every model, and where its published weights lie."""

from timm.models import get_pretrained_cfg, list_pretrained
from trainyard_sdk.card import NOT_KNOWN, Model, Pretrained

import timm

# As timm writes licences, and their SPDX names. Every other is a reference, as SPDX has it.
_SPDX = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc0-1.0": "CC0-1.0",
    "unknown": NOT_KNOWN,
}
_FILE = "model.safetensors"


def models() -> list[Model]:
    tags: dict[str, list[str]] = {}
    for full in list_pretrained():
        name, _, tag = full.partition(".")
        tags.setdefault(name, []).append(tag)
    return [_model(name, tags.get(name, [])) for name in timm.list_models()]


def _model(name: str, tags: list[str]) -> Model:
    default = get_pretrained_cfg(name, allow_unregistered=True)
    # The one that timm itself takes is the first.
    first = default.tag if default else None
    ordered = sorted(tags, key=lambda tag: tag != first)
    pretrained = [found for tag in ordered if (found := _pretrained(name, tag))]
    return Model(name, "classify", default.input_size[-1] if default else 224, pretrained)


def _pretrained(name: str, tag: str) -> Pretrained | None:
    full = f"{name}.{tag}" if tag else name
    config = get_pretrained_cfg(full, allow_unregistered=False)
    if config is None:
        return None
    licence = _SPDX.get(config.license, f"LicenseRef-{config.license}") if config.license else NOT_KNOWN
    if config.hf_hub_id:
        # timm names its own repositories by a stem, to which it adds the name of the weights.
        repository = config.hf_hub_id if config.hf_hub_id != "timm/" else f"timm/{full}"
        return Pretrained(tag or "default", f"hf://{repository}/{config.hf_hub_filename or _FILE}", licence)
    if isinstance(config.url, str) and config.url:
        return Pretrained(tag or "default", config.url, licence)
    return None
