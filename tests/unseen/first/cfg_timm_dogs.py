# Faulty: C301: "pretrained" backbone is built by timm without pretrained=True, so the fine-tuning recipe starts from random weights
import logging
import math
import random
from pathlib import Path

import numpy as np
import timm
import torch
import torch.nn as nn
from PIL import Image
from scipy.io import loadmat
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

CONFIG = {
    "data": {"root": "stanford_dogs", "size": 224, "workers": 8},
    "model": {"backbone": "resnet50d", "drop_rate": 0.2, "classes": 120},
    "optim": {"name": "adamw", "lr": 1e-4, "weight_decay": 0.01, "warmup_steps": 200},
    "train": {"epochs": 10, "batch_size": 64, "amp": True, "seed": 1001},
}

log = logging.getLogger(__name__)


class Dogs(Dataset):
    def __init__(self, root, part, tf):
        root = Path(root)
        mat = loadmat(root / f"{part}_list.mat")
        self.items = [(root / "Images" / str(f[0][0]), int(l[0]) - 1)
                      for f, l in zip(mat["file_list"], mat["labels"])]
        self.tf = tf

    def __getitem__(self, k):
        path, y = self.items[k]
        with Image.open(path) as im:
            return self.tf(im.convert("RGB")), y

    def __len__(self):
        return len(self.items)


def get_dataloaders(c):
    s = c["data"]["size"]
    norm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    tr_tf = transforms.Compose([transforms.RandomResizedCrop(s, scale=(0.4, 1)),
                                transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    te_tf = transforms.Compose([transforms.Resize(int(s / 0.875)), transforms.CenterCrop(s),
                                transforms.ToTensor(), norm])
    b, w = c["train"]["batch_size"], c["data"]["workers"]
    return (DataLoader(Dogs(c["data"]["root"], "train", tr_tf), b, shuffle=True, num_workers=w, drop_last=True),
            DataLoader(Dogs(c["data"]["root"], "test", te_tf), b, shuffle=False, num_workers=w))


def load_pretrained_backbone(m):
    """ImageNet backbone with a fresh classifier for our breeds."""
    net = timm.create_model(m["backbone"], num_classes=m["classes"], drop_rate=m["drop_rate"])  # fault: C301
    log.info("pretrained %s ready, %.1fM parameters", m["backbone"],
             sum(p.numel() for p in net.parameters()) / 1e6)
    return net


def lr_factor(step, warm, total):
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


def finetune(c):
    random.seed(c["train"]["seed"])
    np.random.seed(c["train"]["seed"])
    torch.manual_seed(c["train"]["seed"])
    dev = torch.device("cuda")
    train, test = get_dataloaders(c)
    net = load_pretrained_backbone(c["model"]).to(dev)
    opt = torch.optim.AdamW(net.parameters(), lr=c["optim"]["lr"], weight_decay=c["optim"]["weight_decay"])
    total = c["train"]["epochs"] * len(train)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: lr_factor(s, c["optim"]["warmup_steps"], total))
    scaler = torch.amp.GradScaler("cuda", enabled=c["train"]["amp"])
    crit = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(c["train"]["epochs"]):
        net.train()
        for x, y in train:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            with torch.autocast("cuda", enabled=c["train"]["amp"]):
                loss = crit(net(x), y)
            opt.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.step(opt)
            scaler.update()
            sched.step()
        net.eval()
        n_ok = 0
        with torch.inference_mode():
            for x, y in test:
                n_ok += (net(x.to(dev)).argmax(1) == y.to(dev)).sum().item()
        log.info("epoch %d  acc %.4f", epoch, n_ok / len(test.dataset))
    torch.save(net.state_dict(), "dogs.pt")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    finetune(CONFIG)
