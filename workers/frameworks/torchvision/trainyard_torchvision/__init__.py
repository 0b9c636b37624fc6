"""The classifiers and one-stage detectors of torchvision."""
