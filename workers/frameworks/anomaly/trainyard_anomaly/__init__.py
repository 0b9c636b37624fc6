"""Defects from good images only: PatchCore on the features of timm's networks."""
