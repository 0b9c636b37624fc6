"""D-FINE (arXiv 2410.13842) in its five published sizes."""

from typing import Any

from transformers import DFineConfig, HGNetV2Config

_QUERIES = 300
_WIDE = {"stage_downsample": [False, True, True, True], "stage_light_block": [False, False, True, True]}


def _backbone(stem: list[int], widths: list[int], middle: list[int], blocks: list[int], layers: int) -> dict[str, Any]:
    """HGNetV2; `widths` are of the stem and of the four stages."""
    return {
        **_WIDE,
        "stem_channels": stem,
        "stage_in_channels": widths[:-1],
        "stage_mid_channels": middle,
        "stage_out_channels": widths[1:],
        "hidden_sizes": widths[1:],
        "stage_num_blocks": blocks,
        "stage_kernel_size": [3, 3, 5, 5],
        "stage_numb_of_layers": [layers] * 4,
    }


_B0 = _backbone([3, 16, 16], [16, 64, 256, 512, 1024], [16, 32, 64, 128], [1, 1, 2, 1], 3)
_B2 = _backbone([3, 24, 32], [32, 96, 384, 768, 1536], [32, 64, 128, 256], [1, 1, 3, 1], 4)
_B4 = _backbone([3, 32, 48], [48, 128, 512, 1024, 2048], [48, 96, 192, 384], [1, 1, 3, 1], 6)
_B5 = _backbone([3, 32, 64], [64, 128, 512, 1024, 2048], [64, 128, 256, 512], [1, 2, 5, 2], 6)

# By name: the backbone, whether it has learnable affine blocks, and what is special about encoder and decoder.
SIZES: dict[str, tuple[dict[str, Any], bool, dict[str, Any]]] = {
    "dfine-nano": (
        _B0,
        True,
        {
            "encoder_in_channels": [512, 1024],
            "feat_strides": [16, 32],
            "encode_proj_layers": [1],
            "encoder_hidden_dim": 128,
            "encoder_ffn_dim": 512,
            "hidden_expansion": 0.34,
            "depth_mult": 0.5,
            "d_model": 128,
            "decoder_in_channels": [128, 128],
            "decoder_ffn_dim": 512,
            "num_feature_levels": 2,
            "decoder_layers": 3,
            "decoder_n_points": [6, 6],
        },
    ),
    "dfine-small": (
        _B0,
        True,
        {
            "encoder_in_channels": [256, 512, 1024],
            "hidden_expansion": 0.5,
            "depth_mult": 0.34,
            "decoder_layers": 3,
            "decoder_n_points": [3, 6, 3],
        },
    ),
    "dfine-medium": (
        _B2,
        True,
        {"encoder_in_channels": [384, 768, 1536], "depth_mult": 0.67, "decoder_layers": 4, "decoder_n_points": [3, 6, 3]},
    ),
    "dfine-large": (_B4, False, {"decoder_n_points": [3, 6, 3]}),
    "dfine-xlarge": (
        _B5,
        False,
        {
            "encoder_hidden_dim": 384,
            "encoder_ffn_dim": 2048,
            "decoder_in_channels": [384, 384, 384],
            "decoder_n_points": [3, 6, 3],
            "reg_scale": 8.0,
        },
    ),
}


def configuration(name: str, classes: int, side: int) -> DFineConfig:
    """For squares of `side` pixels, of which a small one has fewer places than there are queries."""
    backbone, affine, special = SIZES[name]
    strides = special.get("feat_strides", [8, 16, 32])
    levels, places = len(strides), sum((side // stride) ** 2 for stride in strides)
    own = HGNetV2Config(**backbone, use_learnable_affine_block=affine, out_indices=[2, 3, 4][-levels:])
    # A random start has no statistics of a backbone to keep.
    special = {**special, "num_queries": min(_QUERIES, places), "freeze_backbone_batch_norms": False}
    return DFineConfig(backbone_config=own, num_labels=classes, **special)
