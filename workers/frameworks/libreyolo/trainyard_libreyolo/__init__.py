"""Detectors of LibreYOLO, whose families are all under permissive licences."""
