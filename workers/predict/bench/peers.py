"""Servers that people write for a ResNet-18 of torchvision and a YOLO11n, and the photo that all are asked about.

  peers.py fastapi PORT    FastAPI and uvicorn, one process; the endpoint is a plain function, so it runs in threads
  peers.py litserve PORT   LitServe, one inference process, batches of 8 within 5 ms
  peers.py fastapi-yolo PORT MODEL
                           FastAPI and ONNX Runtime, with the boxes of a file that the platform has made
  peers.py photo OUT       640 x 480, JPEG, of the aerial photos that `make tools` has fetched
Of a ResNet-18 every answer is the five likeliest classes of 224 x 224 pixels, in fp32, with one thread of torch a core.
"""

import io, os, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def network():
    import torch, torchvision
    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    return torchvision.models.resnet18(num_classes=1000).eval()


def preparation():
    from torchvision import transforms as T
    return T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])


def prepared(how, content):
    from PIL import Image
    return how(Image.open(io.BytesIO(content)).convert("RGB"))


def seen(model, images):
    """`[N, 3, 224, 224]` -> of each image its five likeliest classes."""
    import torch
    with torch.inference_mode():
        shares, classes = model(images).softmax(1).topk(5)
    return [[{"class": str(c), "confidence": s} for c, s in zip(*each)] for each in zip(classes.tolist(), shares.tolist())]


def fastapi(port):
    import uvicorn
    from fastapi import FastAPI, File, UploadFile
    app, model, how = FastAPI(), network(), preparation()

    @app.post("/predict")
    def predict(image: UploadFile = File()):
        return {"predictions": seen(model, prepared(how, image.file.read())[None])[0]}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def fastapi_yolo(port, model):
    """Every answer is what is surer than 0.25 of 640 x 640 pixels, letterboxed, once."""
    import json
    import numpy, onnxruntime, torch, uvicorn
    from fastapi import FastAPI, File, UploadFile
    from PIL import Image
    from torchvision.ops import batched_nms
    app, session = FastAPI(), onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map["trainyard"])
    mean, std = (numpy.float32(card["preprocessing"][name]) for name in ("mean", "std"))
    side = card["preprocessing"]["image_size"]

    @app.post("/predict")
    def predict(image: UploadFile = File()):
        read = Image.open(io.BytesIO(image.file.read())).convert("RGB")
        scale = side / max(read.size)
        width, height = (round(length * scale) for length in read.size)
        left, top = (side - width) // 2, (side - height) // 2
        square = numpy.full((side, side, 3), 114, numpy.uint8)
        square[top : top + height, left : left + width] = read.resize((width, height), Image.Resampling.BILINEAR)
        planes = ((square.astype(numpy.float32) / 255 - mean) / std).transpose(2, 0, 1)[None]
        boxes, scores = (torch.from_numpy(part[0]) for part in session.run(["boxes", "scores"], {"images": planes}))
        sure, classes = scores.max(1)
        found = sure > 0.25
        boxes, sure, classes = boxes[found], sure[found], classes[found]
        kept = batched_nms(boxes, sure, classes, 0.7)[:300]
        boxes = (boxes[kept] - torch.tensor([left, top, left, top])) / scale
        told = zip(boxes.tolist(), sure[kept].tolist(), classes[kept].tolist())
        return {"predictions": [{"class": card["classes"][c], "confidence": s, "bbox": b} for b, s, c in told]}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if sys.argv[1:2] == ["litserve"]:
    # Its processes read this file again, and look for the class by its name.
    import litserve as lit

    class Api(lit.LitAPI):
        def setup(self, device):
            self.model, self.how = network(), preparation()

        def decode_request(self, request):
            return prepared(self.how, request["image"].file.read())

        def batch(self, inputs):
            import torch
            return torch.stack(inputs)

        def predict(self, images):
            return seen(self.model, images)

        def unbatch(self, output):
            return output

        def encode_response(self, output):
            return {"predictions": output}


def litserve(port):
    server = lit.LitServer(Api(max_batch_size=8, batch_timeout=0.005), accelerator="cpu", workers_per_device=1, timeout=60)
    server.run(host="127.0.0.1", port=port, num_api_servers=1, generate_client_file=False, log_level="warning", access_log=False)


def photo(out):
    from PIL import Image
    first = sorted(path for path in (ROOT / ".tools/data/trees").rglob("*") if path.suffix in (".png", ".jpg", ".jpeg"))[0]
    image = Image.open(first).convert("RGB")
    width = min(image.width, image.height * 4 // 3)
    image.crop((0, 0, width, width * 3 // 4)).resize((640, 480)).save(out, quality=90)


if __name__ == "__main__":
    what, where, *model = sys.argv[1:]
    programs = {"fastapi": fastapi, "fastapi-yolo": fastapi_yolo, "litserve": litserve, "photo": photo}
    programs[what](where if what == "photo" else int(where), *model)
