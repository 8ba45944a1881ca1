"""Road list, batches through torchvision.io."""
import csv
from pathlib import Path
import timm
import torch
import torch.nn.functional as F
from torchvision.io import decode_image, ImageReadMode
from torchvision.transforms.v2.functional import resize, InterpolationMode

here = Path(__file__).parent
base = Path("data/roadlist")
shift = torch.tensor([103.94, 116.78, 123.68]).view(3, 1, 1)


def square(t, side=48):
    h, w = (max(1, round(v * side / max(t.shape[1:]))) for v in t.shape[1:])
    t = resize(t, [h, w], interpolation=InterpolationMode.BILINEAR, antialias=True)
    top, left = (side - h) // 2, (side - w) // 2
    return F.pad(t, (left, side - w - left, top, side - h - top))


def load(file):
    rgb = decode_image(str(file), ImageReadMode.RGB)
    return square(rgb)[[2, 1, 0]].to(torch.float32) - shift


@torch.inference_mode()
def main():
    saved = torch.load(here / "regnet_road.pth", weights_only=True)
    order = {name: k for k, name in enumerate(saved["labels"])}
    net = timm.create_model("regnetx_002", num_classes=0)
    head = torch.nn.Linear(net.num_features, len(order))
    head.load_state_dict({k.rsplit(".", 1)[1]: v for k, v in saved["net"].items() if k.startswith("head.fc.")})
    net.load_state_dict({k: v for k, v in saved["net"].items() if not k.startswith("head.fc.")})
    net.eval()
    rows = list(csv.reader(open(base / "test.csv")))[1:]
    good = 0
    for i in range(0, len(rows), 60):
        files, labels = zip(*rows[i:i + 60])
        z = head(net(torch.stack([load(base / "images" / f) for f in files])))
        good += sum(int(k) == order[l] for k, l in zip(z.argmax(1), labels))
    print(f"accuracy {good / len(rows) * 100:.2f} %")


main()
