"""Detectors of LibreYOLO, also of masks and poses, whose families are all under permissive licences."""
