"""YOLO of Ultralytics, through its documented interface alone."""
