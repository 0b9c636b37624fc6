"""Cuts the four labelled aerial photos of the deepforest wheel into a YOLO data set of tiles with the one class `tree`.

Photos go to one side as a whole, so that nothing that is judged was trained on, not even in part.
"""

import xml.etree.ElementTree as ElementTree

import png

PHOTOS = {
    "2019_YELL_2_528000_4978000_image_crop2": "train",
    "OSBS_029": "train",
    "SOAP_061": "train",
    "2019_YELL_2_541000_4977000_image_crop": "val",
}
SIDE = 320  # Of a tile, in pixels; a tree is about 40 wide.
OVERLAP = 64  # Of neighbours at least, so that most trees are whole in one tile.
KEPT_AREA = 0.4  # A tree of which less than this is in a tile is not labelled there.
ABOUT = """\
# Tiles of {side} x {side} pixels of aerial photos in the PyPI package deepforest (Weinstein et al., MIT licence), which
# come from the NEON Airborne Observation Platform. The validation tiles are all of one photo.
train: images/train
val: images/val
names: [tree]
"""


def unpack_trees(wheels, out):
    (wheel,) = wheels
    for photo, split in PHOTOS.items():
        rows = png.read_rgb(wheel.read(f"deepforest/data/{photo}.png"))
        boxes = read_boxes(wheel.read(f"deepforest/data/{photo}.xml"))
        images, labels = out / "images" / split, out / "labels" / split
        images.mkdir(parents=True, exist_ok=True)
        labels.mkdir(parents=True, exist_ok=True)
        for top in starts(len(rows)):
            for left in starts(len(rows[0]) // 3):
                name = f"{photo}_{left:04}_{top:04}"
                tile = [row[left * 3:(left + SIDE) * 3] for row in rows[top:top + SIDE]]
                (images / f"{name}.png").write_bytes(png.write(tile, colour_type=2))
                lines = [line for box in boxes if (line := label(box, left, top))]
                (labels / f"{name}.txt").write_text("".join(lines))
    (out / "data.yaml").write_text(ABOUT.format(side=SIDE))


def read_boxes(text):
    corners = ("xmin", "ymin", "xmax", "ymax")
    return [[float(box.find(corner).text) for corner in corners] for box in ElementTree.fromstring(text).iter("bndbox")]


def starts(length):
    """Where tiles begin along a side: as few as overlap enough, evenly spread from edge to edge."""
    count = max(1, -(-(length - OVERLAP) // (SIDE - OVERLAP)))
    return [round(index * (length - SIDE) / max(1, count - 1)) for index in range(count)]


def label(box, left, top):
    """The line of a box in a tile, or None where too little of it is inside."""
    x1, y1, x2, y2 = (min(max(value - start, 0), SIDE) for value, start in zip(box, (left, top, left, top)))
    if (x2 - x1) * (y2 - y1) < KEPT_AREA * (box[2] - box[0]) * (box[3] - box[1]):
        return None
    numbers = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
    return "0 " + " ".join(f"{number / SIDE:.6f}" for number in numbers) + "\n"
