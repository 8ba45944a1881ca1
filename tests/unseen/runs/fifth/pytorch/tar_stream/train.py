"""Streaming training from tar shards (jpg + cls pairs)."""
import glob
import io
import random
import tarfile

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, IterableDataset
from torchvision import models, transforms as T

CFG = dict(train="shards/train-*.tar", val="shards/val-*.tar", size=48, batch=32, epochs=50, lr=0.02, buffer=1000, classes=10)


def read_shard(path):
    with tarfile.open(path) as tar:
        pending = {}
        for member in tar:
            key, ext = member.name.rsplit(".", 1)
            sample = pending.setdefault(key, {})
            sample[ext] = tar.extractfile(member).read()
            if len(sample) == 2:
                yield pending.pop(key)


class ShardStream(IterableDataset):
    def __init__(self, pattern, transform, buffer_size=0, seed=0):
        self.shards = sorted(glob.glob(pattern))
        self.transform = transform
        self.buffer_size = buffer_size
        self.rng = random.Random(seed)

    def samples(self):
        for shard in self.shards:
            yield from read_shard(shard)

    def shuffled(self, stream):
        buffer = []
        for sample in stream:
            buffer.append(sample)
            if len(buffer) > self.buffer_size:
                yield buffer.pop(0)
        yield from buffer

    def __iter__(self):
        stream = self.samples()
        if self.buffer_size:
            stream = self.shuffled(stream)
        for s in stream:
            img = Image.open(io.BytesIO(s["jpg"])).convert("RGB")
            yield self.transform(img), int(s["cls"])


def build_model(classes):
    net = models.resnet18(weights=None, num_classes=classes)
    net.conv1 = nn.Conv2d(3, 64, 3, 2, 1, bias=False)
    net.maxpool = nn.Identity()
    return net


def accuracy(net, loader):
    net.eval()
    good = count = 0
    with torch.inference_mode():
        for x, y in loader:
            good += (net(x).argmax(-1) == y).sum().item()
            count += y.numel()
    return good / count


def main():
    torch.manual_seed(0)
    norm = T.Normalize((0.49, 0.48, 0.45), (0.25, 0.24, 0.26))
    train_tf = T.Compose([T.RandomHorizontalFlip(), T.RandomResizedCrop(CFG["size"], scale=(0.6, 1)), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize(CFG["size"]), T.ToTensor(), norm])
    train_loader = DataLoader(ShardStream(CFG["train"], train_tf, CFG["buffer"]), batch_size=CFG["batch"], drop_last=True)
    val_loader = DataLoader(ShardStream(CFG["val"], val_tf), batch_size=50)

    net = build_model(CFG["classes"])
    opt = torch.optim.SGD(net.parameters(), lr=CFG["lr"], momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, CFG["epochs"])
    criterion = nn.CrossEntropyLoss()
    for epoch in range(CFG["epochs"]):
        net.train()
        for step, (x, y) in enumerate(train_loader):
            opt.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            opt.step()
            if step % 10 == 0:
                print(f"{epoch}:{step:04d} loss {loss.item():.4f}", flush=True)
        sched.step()
        print(f"epoch {epoch} val {accuracy(net, val_loader):.4f} lr {opt.param_groups[0]['lr']:.5f}", flush=True)


if __name__ == "__main__":
    main()
