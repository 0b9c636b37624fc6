"""The limits of a trainer, each with its unit. Those of the platform stand in `events/src/limits.rs`."""

EPOCHS = 10_000
BATCH_SIZE = 4_096
IMAGE_SIZE_MIN, IMAGE_SIZE_MAX = 8, 2_048
LEARNING_RATE_MAX = 10.0
MOMENTUM_MAX = 0.9999
WEIGHT_DECAY_MAX = 1.0
LABEL_SMOOTHING_MAX = 0.5
CLASSES = 1_000
# One file of an image, and what it holds.
IMAGE_FILE_BYTES = 64 * 1024 * 1024
IMAGE_PIXELS = 50_000_000
MANIFEST_LINE_BYTES = 64 * 1024 * 1024
# A specification of a job.
SPEC_BYTES = 64 * 1024 * 1024
# Between two step lines.
STEP_INTERVAL_S = 0.5
# The longest stretch of training without a checkpoint, when epochs are longer than this.
CHECKPOINT_INTERVAL_S = 600.0
# Checkpoints kept in the work folder.
CHECKPOINTS_KEPT = 2
# Squares kept in memory, unless a quarter of what is free is less.
CACHE_BYTES = 8 * 1024 * 1024 * 1024
# Training images that the channel statistics are taken from.
STATISTICS_IMAGES = 2_000
# Batches that are ready or in the making while one is trained on.
BATCHES_AHEAD = 3
# A file of weights.
WEIGHTS_FILE_BYTES = 8 * 1024 * 1024 * 1024
# How far ONNX Runtime's answers may be from torch's, of the largest of them where that is above 1.
ONNX_DIFFERENCE = 1e-3
# Training images whose activations say how far a model in whole numbers has to reach.
INT8_IMAGES = 64
# What validation may lose by them, of its primary measurement from 0 to 1.
INT8_LOSS_MAX = 0.01
