"""Measures made and real sets of boxes with pycocotools: the numbers that metrics/average_precision.rs has to give.

    deploy/tools/coco-python workers/vision/tests/pycocotools/make.py           writes expected.json anew
    deploy/tools/coco-python workers/vision/tests/pycocotools/make.py --check   fails when expected.json is not what comes out

Corners are multiples of a quarter of a pixel and scores of 1/256, so that the same numbers reach both sides. The trees
are real: the labels of the validation photo in .tools/data/trees, with answers that are shifted, missing or invented.
"""

import contextlib, io, json, random, sys
from pathlib import Path

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

HERE = Path(__file__).resolve().parent
TREES = HERE.parents[3] / ".tools/data/trees"


def quarter(value):
    return round(value * 4) / 4


def random_box(rng, side=300, sizes=(4, 160)):
    width, height = (quarter(rng.uniform(*sizes)) for _ in range(2))
    left, top = quarter(rng.uniform(0, side - width)), quarter(rng.uniform(0, side - height))
    return [left, top, left + width, top + height]


def shaken(rng, box, reach):
    moved = [quarter(value + rng.gauss(0, reach * (box[2] - box[0] + box[3] - box[1]) / 2)) for value in box]
    left, right = sorted((moved[0], moved[2]))
    top, bottom = sorted((moved[1], moved[3]))
    return [left, top, right + 0.25, bottom + 0.25]


def score(rng, levels):
    return rng.randrange(1, levels) / levels


def made(rng, images, classes, truths, crowds=0.0, own_areas=0.0, levels=256, strays=4, empty=0.2):
    """Answers near the truths, some of another class, some twice, and strays; a part of the images is empty."""
    all_truths, found = [], []
    for image in range(images):
        if rng.random() < empty:
            found += [[image, rng.randrange(classes), score(rng, levels), random_box(rng)] for _ in range(rng.randrange(3))]
            continue
        for _ in range(rng.randrange(1, truths)):
            box, kind, crowd = random_box(rng), rng.randrange(classes), rng.random() < crowds
            area = None
            if rng.random() < own_areas:
                area = quarter((box[2] - box[0]) * (box[3] - box[1]) * rng.uniform(0.3, 1))
            all_truths.append([image, kind, box, crowd, area])
            for _ in range(rng.choice([0, 1, 1, 1, 2, 5 if crowd else 1])):
                answered = kind if rng.random() < 0.85 else rng.randrange(classes)
                found.append([image, answered, score(rng, levels), shaken(rng, box, rng.choice([0.0, 0.03, 0.08, 0.2]))])
        found += [[image, rng.randrange(classes), score(rng, levels), random_box(rng)] for _ in range(rng.randrange(strays))]
    rng.shuffle(found)
    return {"images": images, "classes": classes, "truths": all_truths, "found": found}


def trees(rng):
    all_truths, found = [], []
    labels = sorted((TREES / "labels/val").glob("*.txt"))
    if not labels:
        sys.exit(f"{TREES} is not there: run `make tools` first")
    for image, path in enumerate(labels):
        for line in path.read_text().splitlines():
            x, y, width, height = (float(number) * 320 for number in line.split()[1:])
            box = [quarter(side) for side in (x - width / 2, y - height / 2, x + width / 2, y + height / 2)]
            all_truths.append([image, 0, box, False, None])
            if rng.random() < 0.8:
                found.append([image, 0, rng.randrange(64, 256) / 256, shaken(rng, box, rng.uniform(0.0, 0.15))])
        found += [[image, 0, score(rng, 200) * 0.75, random_box(rng, 320, (15, 70))] for _ in range(rng.randrange(12))]
    for answer in found:
        answer[2] = round(answer[2] * 256) / 256
    return {"images": len(labels), "classes": 1, "truths": all_truths, "found": found}


def sets():
    return {
        "crowds, own areas and empty images": made(random.Random(1), 60, 5, 10, crowds=0.15, own_areas=0.5),
        "scores that are often equal": made(random.Random(2), 50, 3, 9, levels=4, crowds=0.05),
        "many classes, some without a truth": made(random.Random(3), 80, 70, 7),
        "more than a hundred answers in an image": made(random.Random(4), 4, 1, 90, strays=400, empty=0.0),
        "trees": trees(random.Random(5)),
    }


def measured(made):
    def ltwh(box):
        return [box[0], box[1], box[2] - box[0], box[3] - box[1]]

    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": image + 1} for image in range(made["images"])],
        "categories": [{"id": kind + 1, "name": str(kind)} for kind in range(made["classes"])],
        "annotations": [
            {
                "id": number + 1,
                "image_id": image + 1,
                "category_id": kind + 1,
                "bbox": ltwh(box),
                "iscrowd": int(crowd),
                "area": ltwh(box)[2] * ltwh(box)[3] if area is None else area,
            }
            for number, (image, kind, box, crowd, area) in enumerate(made["truths"])
        ],
    }
    truth.createIndex()
    answers = truth.loadRes(
        [
            {"image_id": image + 1, "category_id": kind + 1, "score": score, "bbox": ltwh(box)}
            for image, kind, score, box in made["found"]
        ]
    )
    evaluation = COCOeval(truth, answers, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    known = lambda value: None if value < 0 else float(value)
    ap, ap50, ap75, small, medium, large = (known(value) for value in evaluation.stats[:6])
    precision = evaluation.eval["precision"][:, :, :, 0, 2]
    return {
        "ap": ap,
        "ap50": ap50,
        "ap75": ap75,
        "small": small,
        "medium": medium,
        "large": large,
        "classes": [
            {"ap": known(precision[:, :, kind].mean()), "ap50": known(precision[0, :, kind].mean())}
            for kind in range(made["classes"])
        ],
        "curve": [round(float(value), 12) for value in precision[0, :, 0]],
    }


def main():
    with contextlib.redirect_stdout(io.StringIO()):
        results = {name: made | {"expected": measured(made)} for name, made in sets().items()}
    lines = [f"{json.dumps(name)}: {json.dumps(result, separators=(',', ':'))}" for name, result in results.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    if sys.argv[1:] == ["--check"]:
        if (HERE / "expected.json").read_text() != text:
            sys.exit("expected.json is not what pycocotools measures now: run make.py without --check and look at the difference")
        return
    (HERE / "expected.json").write_text(text)


main()
