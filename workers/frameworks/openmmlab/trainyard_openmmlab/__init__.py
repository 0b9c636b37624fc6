"""Detectors of OpenMMLab, from the configurations that its package brings."""
