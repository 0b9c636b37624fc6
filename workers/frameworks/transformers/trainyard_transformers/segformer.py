"""SegFormer (arXiv 2105.15203) in its six published sizes."""

from transformers import SegformerConfig

# By name: blocks and widths of the four stages, and the width of the head.
SIZES: dict[str, tuple[list[int], list[int], int]] = {
    "segformer-b0": ([2, 2, 2, 2], [32, 64, 160, 256], 256),
    "segformer-b1": ([2, 2, 2, 2], [64, 128, 320, 512], 256),
    "segformer-b2": ([3, 4, 6, 3], [64, 128, 320, 512], 768),
    "segformer-b3": ([3, 4, 18, 3], [64, 128, 320, 512], 768),
    "segformer-b4": ([3, 8, 27, 3], [64, 128, 320, 512], 768),
    "segformer-b5": ([3, 6, 40, 3], [64, 128, 320, 512], 768),
}


def configuration(name: str, classes: int) -> SegformerConfig:
    depths, widths, head = SIZES[name]
    return SegformerConfig(depths=depths, hidden_sizes=widths, decoder_hidden_size=head, num_labels=classes)
