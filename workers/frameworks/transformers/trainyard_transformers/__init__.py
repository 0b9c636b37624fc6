"""Detectors and segmenters of Hugging Face Transformers."""
