"""Transfer learning in phases: head only, then layer4, then everything; rates fall from head to stem."""
import argparse
import os

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models
from torchvision import transforms as T

PHASES = {0: ["fc"], 4: ["layer4"], 10: ["layer3", "layer2", "layer1", "conv1"]}
ORDER = ["fc", "layer4", "layer3", "layer2", "layer1", "conv1"]


class FromList(Dataset):
    def __init__(self, root, name, transform):
        with open(os.path.join(root, name)) as f:
            rows = [r.split() for r in f if r.strip()]
        self.rows = [(os.path.join(root, p), int(k)) for p, k in rows]
        self.transform = transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        p, k = self.rows[i]
        return self.transform(Image.open(p).convert("RGB")), k


class FrozenNorm(nn.Module):
    """Batch norm that keeps the statistics and the affine part of the checkpoint."""

    def __init__(self, bn):
        super().__init__()
        scale = bn.weight.detach() * (bn.running_var + bn.eps).rsqrt()
        self.register_buffer("scale", scale.view(1, -1, 1, 1).clone())
        self.register_buffer("shift", (bn.bias.detach() - bn.running_mean * scale).view(1, -1, 1, 1).clone())

    def forward(self, x):
        return x * self.scale + self.shift


def freeze_norms(module):
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, FrozenNorm(child))
        else:
            freeze_norms(child)


def make_model(weights, classes):
    model = models.resnet18(num_classes=10)
    state = torch.load(weights, map_location="cpu")["state_dict"]
    model.load_state_dict({k.removeprefix("module."): v for k, v in state.items()})
    freeze_norms(model)
    model.fc = nn.Linear(512, classes)
    return model


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--bs", type=int, default=20)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=0.6)
    a = p.parse_args()
    torch.manual_seed(8)
    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train = DataLoader(FromList("listed", "train.txt", T.Compose(
        [T.RandomCrop(64, 8, padding_mode="reflect"), T.RandomHorizontalFlip(), T.ToTensor(), norm])),
        a.bs, shuffle=True, drop_last=True)
    val = DataLoader(FromList("listed", "val.txt", T.Compose([T.ToTensor(), norm])), 40)

    model = make_model("weights/resnet18_ckpt.pth.tar", 4)
    groups = [{"params": list(getattr(model, name).parameters()), "lr": a.lr * a.decay ** i, "name": name}
              for i, name in enumerate(ORDER)]
    opt = torch.optim.AdamW(groups, weight_decay=1e-4)
    for q in model.parameters():
        q.requires_grad_(False)

    for epoch in range(a.epochs):
        for name in PHASES.get(epoch, []):
            for q in getattr(model, name).parameters():
                q.requires_grad_(True)
            print("training", name)
        model.train()
        total = 0.0
        for x, y in train:
            loss = nn.functional.cross_entropy(model(x), y, label_smoothing=0.1)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            hits = torch.cat([model(x).argmax(1) == y for x, y in val])
        print(f"epoch {epoch}: {total / len(train):.4f}, validation {hits.float().mean().item():.4f}")


if __name__ == "__main__":
    main()
