"""Measures made sets of masks and key points with pycocotools: what metrics/average_precision.rs has to give by masks and by
object key point similarity.

    deploy/tools/coco-python workers/vision/tests/pycocotools/make_shapes.py           writes shapes.json anew
    deploy/tools/coco-python workers/vision/tests/pycocotools/make_shapes.py --check   fails when that is not what comes out
"""

import contextlib, io, json, random, sys
from pathlib import Path

import numpy
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 150, 120


def quarter(value):
    return round(value * 4) / 4


def counts(pixels):
    """Runs down the columns, beginning with what is outside."""
    runs, inside, length = [], 0, 0
    for value in pixels.flatten(order="F").tolist():
        if value != inside:
            runs.append(length)
            inside, length = value, 0
        length += 1
    return runs + [length]


def ellipse(rng, centre=None, radii=None):
    x, y = centre or (rng.uniform(15, WIDTH - 15), rng.uniform(15, HEIGHT - 15))
    a, b = radii or (rng.uniform(3, 60), rng.uniform(3, 60))
    rows, columns = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    return (((columns + 0.5 - x) / a) ** 2 + ((rows + 0.5 - y) / b) ** 2 <= 1).astype(numpy.uint8), (x, y, a, b)


def made_masks(rng, images, classes):
    truths, found = [], []
    for image in range(images):
        for _ in range(rng.randrange(0, 6)):
            pixels, (x, y, a, b) = ellipse(rng)
            kind, crowd = rng.randrange(classes), rng.random() < 0.1
            truths.append([image, kind, counts(pixels), crowd])
            for _ in range(rng.choice([0, 1, 1, 1, 2])):
                shake = rng.choice([0.0, 0.05, 0.15, 0.3])
                near, _ = ellipse(
                    rng,
                    (x + rng.gauss(0, shake * a), y + rng.gauss(0, shake * b)),
                    (a * rng.uniform(1 - shake, 1 + shake), b * rng.uniform(1 - shake, 1 + shake)),
                )
                answered = kind if rng.random() < 0.85 else rng.randrange(classes)
                if near.any():
                    found.append([image, answered, rng.randrange(1, 64) / 64, counts(near)])
        for _ in range(rng.randrange(3)):
            found.append([image, rng.randrange(classes), rng.randrange(1, 64) / 64, counts(ellipse(rng)[0])])
    return {"images": images, "classes": classes, "truths": truths, "found": found}


def made_points(rng, images, points):
    truths, found = [], []
    for image in range(images):
        for _ in range(rng.randrange(0, 7)):
            width, height = quarter(rng.uniform(10, 140)), quarter(rng.uniform(10, 140))
            left, top = quarter(rng.uniform(0, 200)), quarter(rng.uniform(0, 200))
            labels = [rng.choice([0, 1, 2, 2, 2]) for _ in range(points)] if rng.random() < 0.9 else [0] * points
            places = [
                [quarter(left + rng.random() * width), quarter(top + rng.random() * height), label] if label else [0, 0, 0]
                for label in labels
            ]
            area, crowd = quarter(width * height * rng.uniform(0.3, 1)), rng.random() < 0.05
            truths.append([image, [left, top, left + width, top + height], places, area, crowd])
            for _ in range(rng.choice([0, 1, 1, 1, 2, 8])):
                reach = rng.choice([0.0, 0.02, 0.05, 0.1]) * (width + height) / 2
                answer = [
                    [quarter((x if v else left + rng.random() * width) + rng.gauss(0, reach)),
                     quarter((y if v else top + rng.random() * height) + rng.gauss(0, reach)), 1]
                    for x, y, v in places
                ]
                found.append([image, rng.randrange(1, 64) / 64, answer])
    return {"images": images, "points": points, "truths": truths, "found": found}


def measured(truth_annotations, answers, images, classes, kind, spreads=None):
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": image + 1, "width": WIDTH, "height": HEIGHT} for image in range(images)],
        "categories": [{"id": kind + 1, "name": str(kind)} for kind in range(classes)],
        "annotations": [annotation | {"id": number + 1} for number, annotation in enumerate(truth_annotations)],
    }
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(answers), kind)
    if spreads is not None:
        evaluation.params.kpt_oks_sigmas = numpy.array(spreads)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    values = [None if value < 0 else float(value) for value in evaluation.stats]
    if kind == "keypoints":
        return dict(zip(("ap", "ap50", "ap75", "medium", "large"), values[:5]))
    return dict(zip(("ap", "ap50", "ap75", "small", "medium", "large"), values[:6]))


def coded(runs):
    return masks.frPyObjects({"size": [HEIGHT, WIDTH], "counts": runs}, HEIGHT, WIDTH)


def of_masks(made):
    truths = []
    for image, kind, runs, crowd in made["truths"]:
        code = coded(runs)
        truths.append(
            {"image_id": image + 1, "category_id": kind + 1, "segmentation": code, "iscrowd": int(crowd),
             "area": float(masks.area(code)), "bbox": list(masks.toBbox(code))}
        )
    answers = [
        {"image_id": image + 1, "category_id": kind + 1, "score": score, "segmentation": coded(runs)}
        for image, kind, score, runs in made["found"]
    ]
    return measured(truths, answers, made["images"], made["classes"], "segm")


COCO_SPREADS = [0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089]


def of_points(made):
    spreads = COCO_SPREADS if made["points"] == 17 else [sum(COCO_SPREADS) / 17] * made["points"]
    truths = [
        {"image_id": image + 1, "category_id": 1, "iscrowd": int(crowd), "area": area,
         "bbox": [left, top, right - left, low - top], "keypoints": sum(places, []),
         "num_keypoints": sum(1 for place in places if place[2] > 0)}
        for image, (left, top, right, low), places, area, crowd in made["truths"]
    ]
    answers = [
        {"image_id": image + 1, "category_id": 1, "score": score, "keypoints": sum(places, [])}
        for image, score, places in made["found"]
    ]
    return measured(truths, answers, made["images"], 1, "keypoints", spreads)


def main():
    with contextlib.redirect_stdout(io.StringIO()):
        masked = [made_masks(random.Random(seed), 12, classes) for seed, classes in ((1, 1), (2, 3))]
        posed = [made_points(random.Random(seed), 25, points) for seed, points in ((3, 17), (4, 5))]
        results = {
            "masks": [made | {"expected": of_masks(made)} for made in masked],
            "points": [made | {"expected": of_points(made)} for made in posed],
        }
    text = json.dumps(results, separators=(",", ":")) + "\n"
    if sys.argv[1:] == ["--check"]:
        if (HERE / "shapes.json").read_text() != text:
            sys.exit("shapes.json is not what pycocotools measures now: run make_shapes.py without --check and look")
        return
    (HERE / "shapes.json").write_text(text)


main()
