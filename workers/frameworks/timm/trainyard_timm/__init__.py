"""The classifiers of timm (PyTorch Image Models)."""
