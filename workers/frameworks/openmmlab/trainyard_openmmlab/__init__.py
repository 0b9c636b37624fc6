"""Detectors and segmenters of OpenMMLab, from the configurations that its packages bring."""
