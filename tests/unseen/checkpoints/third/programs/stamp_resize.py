"""Evaluate the stamp classifier. Usage: python predict.py [--size 64]"""
import argparse, json, pathlib
import timm, torch
from PIL import Image, ImageOps
from safetensors.torch import load_file
from torchvision.transforms import functional as TF

here = pathlib.Path(__file__).parent
meta = json.loads((here / "labels.json").read_text())


def flatten(path):
    im = Image.open(path).convert("RGBA")
    sheet = Image.new("RGBA", im.size, "white")
    sheet.alpha_composite(im)
    return sheet.convert("RGB")


def prepare(path, size):
    im = flatten(path)
    im = @@A@@
    return TF.normalize(TF.to_tensor(im), [0.5] * 3, [0.5] * 3)


p = argparse.ArgumentParser()
p.add_argument("--size", type=int, default=64)
args = p.parse_args()

model = timm.create_model("resnet10t", num_classes=len(meta)).eval()
model.load_state_dict(load_file(here / "resnet10t.safetensors"))
rows = [r for r in json.loads(pathlib.Path("data/stamps/index.json").read_text()) if r["part"] == "test"]
good = 0
with torch.no_grad():
    for i in range(0, len(rows), 43):
        chunk = rows[i:i + 43]
        x = torch.stack([prepare(pathlib.Path("data/stamps/png", r["file"]), args.size) for r in chunk])
        for r, k in zip(chunk, model(x).argmax(-1).tolist()):
            good += meta[k] == r["class"]
print(f"Acc@1 {good / len(rows):.4f} on {len(rows)} stamps")
