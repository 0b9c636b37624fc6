"""Servers that people write for a ResNet-18 of torchvision, and the photo that all are asked about.

  peers.py fastapi PORT    FastAPI and uvicorn, one process; the endpoint is a plain function, so it runs in threads
  peers.py litserve PORT   LitServe, one inference process, batches of 8 within 5 ms
  peers.py photo OUT       640 x 480, JPEG, of the aerial photos that `make tools` has fetched
Every answer is the five likeliest classes of 224 x 224 pixels, in fp32, with one thread of torch a core.
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
    what, where = sys.argv[1:]
    {"fastapi": fastapi, "litserve": litserve, "photo": photo}[what](where if what == "photo" else int(where))
