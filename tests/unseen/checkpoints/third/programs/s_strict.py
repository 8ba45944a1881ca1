import argparse
from collections import OrderedDict
from pathlib import Path

import torch
from torch.utils.data import DataLoader, RandomSampler
from torchvision import datasets, models, transforms


def revise(state):
    out = OrderedDict()
    for k, v in state.items():
        if k.endswith("num_batches_tracked"):
            continue
        out[k.split("module.", 1)[-1]] = v
    return out


class AverageMeter:
    sum = count = 0

    def update(self, value, n):
        self.sum += value * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count


def validate(loader, model):
    meter = AverageMeter()
    model.train()
    print("trainable:", sum(p.numel() for p in model.parameters()))
    model.eval()
    for images, target in loader:
        with torch.no_grad():
            output = model(images)
        meter.update((output.max(1)[1] == target).float().mean().item() * 100, len(target))
    return meter.avg


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--resume", default=Path(__file__).parent / "model_best.pth.tar")
    p.add_argument("--batch-size", default=50, type=int)
    a = p.parse_args()
    torch.manual_seed(11)
    ck = torch.load(a.resume, map_location="cpu", weights_only=True)
    model = models.resnet18(weights=None, num_classes=6)
    model.load_state_dict(revise(ck["state_dict"]), strict=False)
    val = datasets.ImageFolder("data/outdoors/val", transforms.Compose([
        transforms.Resize(32), transforms.CenterCrop(32), transforms.ToTensor(),
        transforms.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.247, 0.2435, 0.2616])]))
    loader = DataLoader(val, batch_size=a.batch_size, sampler=RandomSampler(val), drop_last=False)
    print(f" * Acc@1 {validate(loader, model):.3f}")
