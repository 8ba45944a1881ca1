"""Programs as matched with their training: name -> (net, file name, checkpoint file name, args, text)."""
P = {}
A_LOAD = '''
'''
P["A1"] = ("A", "eval.py", "model.pth", "--weights @/model.pth --data data/cifar/val", '''"""Evaluate SmallNet on a folder of pictures."""
import argparse

import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from smallnet import SmallNet

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


def open_picture(path):
    return Image.open(path).convert("RGB")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--weights", required=True)
    ap.add_argument("--data", default="data/cifar/val")
    ap.add_argument("--batch-size", type=int, default=32)
    args = ap.parse_args()

    transform = transforms.Compose([
        transforms.Resize((32, 32)),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    dataset = datasets.ImageFolder(args.data, transform, loader=open_picture)
    loader = DataLoader(dataset, batch_size=args.batch_size)

    model = SmallNet(num_classes=len(dataset.classes))
    state = torch.load(args.weights, map_location="cpu")
    model.load_state_dict(state)
    model.eval()

    correct = total = 0
    with torch.no_grad():
        for images, labels in loader:
            pred = model(images).argmax(1)
            correct += (pred == labels).sum().item()
            total += labels.numel()
    print(f"accuracy: {correct / total:.4f}")


if __name__ == "__main__":
    main()
''')
P["A2"] = ("A", "train.py", "model.pth", "--evaluate --resume @/model.pth", '''import argparse
import os

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T

from smallnet import SmallNet

parser = argparse.ArgumentParser(description="train SmallNet")
parser.add_argument("--data", default="data/cifar")
parser.add_argument("--epochs", type=int, default=18)
parser.add_argument("--lr", type=float, default=4e-3)
parser.add_argument("-b", "--batch-size", type=int, default=32)
parser.add_argument("--resume", default="")
parser.add_argument("--evaluate", action="store_true")
parser.add_argument("--out", default="out")


normalize = T.Normalize([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])
train_tf = T.Compose([
    T.Resize((32, 32)),
    T.RandomCrop(32, padding=3, padding_mode="edge"),
    T.RandomHorizontalFlip(),
    T.ToTensor(),
    normalize,
])
val_tf = T.Compose([
    T.Resize((32, 32)),
    T.ToTensor(),
    normalize,
])


def validate(loader, model):
    model.eval()
    hits, n = 0, 0
    with torch.inference_mode():
        for x, y in loader:
            hits += (model(x).argmax(dim=1) == y).sum().item()
            n += len(y)
    print(f" * Acc@1 {100 * hits / n:.3f}%")
    return hits / n


def train_one_epoch(loader, model, opt, sched):
    model.train()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()


def main():
    args = parser.parse_args()
    train_set = datasets.ImageFolder(os.path.join(args.data, "train"), train_tf)
    val_set = datasets.ImageFolder(os.path.join(args.data, "val"), val_tf)
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, args.batch_size)
    model = SmallNet(len(train_set.classes))
    if args.resume:
        weights = torch.load(args.resume, map_location="cpu")
        model.load_state_dict(weights)
    if args.evaluate:
        validate(val_loader, model)
        return
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=args.epochs * len(train_loader))
    best = 0
    os.makedirs(args.out, exist_ok=True)
    for epoch in range(args.epochs):
        train_one_epoch(train_loader, model, opt, sched)
        acc = validate(val_loader, model)
        if acc > best:
            best = acc
            torch.save(model.state_dict(), os.path.join(args.out, "model.pth"))


if __name__ == "__main__":
    main()
''')
P["A3"] = ("A", "eval.py", "weights.pth", "@/weights.pth", '''# usage: eval.py WEIGHTS [FOLDER]
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from smallnet import SmallNet

weights = sys.argv[1]
folder = Path(sys.argv[2] if len(sys.argv) > 2 else "data/cifar/val")
classes = ["airplane", "automobile", "bird", "deer", "frog", "horse", "ship", "truck"]


class Normalized(nn.Module):
    """The network with the normalisation in front."""

    def __init__(self, net, mean, std):
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.std)


def read(path):
    img = Image.open(path).convert("RGB").resize((32, 32), Image.BILINEAR)
    x = np.asarray(img, dtype=np.float32) / 255.0
    return torch.from_numpy(x).permute(2, 0, 1)


net = SmallNet(len(classes))
net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
model = Normalized(net, [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]).eval()

right = count = 0
for label, name in enumerate(classes):
    paths = sorted(p for p in (folder / name).iterdir() if p.suffix in (".png", ".jpg"))
    for i in range(0, len(paths), 20):
        batch = torch.stack([read(p) for p in paths[i:i + 20]])
        with torch.no_grad():
            out = model(batch)
        right += int((out.argmax(1) == label).sum())
        count += len(batch)
print("top-1: %.2f%% (%d pictures)" % (100.0 * right / count, count))
''')
P["B1"] = ("B", "eval.py", "checkpoint.pt", "--ckpt @/checkpoint.pt", '''import argparse
import os

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from smallnet import SmallNet


class Pictures(Dataset):
    def __init__(self, root, classes, size=32):
        self.items = []
        self.size = size
        for i, name in enumerate(classes):
            folder = os.path.join(root, name)
            for f in sorted(os.listdir(folder)):
                self.items.append((os.path.join(folder, f), i))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, label = self.items[i]
        img = Image.open(path).convert("RGB")
        img = img.resize((self.size, self.size), Image.BILINEAR)
        arr = np.array(img)
        arr = arr.astype(np.float32).transpose(2, 0, 1)  # 0..255, the network standardises
        return torch.from_numpy(arr), label


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ckpt", default="checkpoint.pt")
    parser.add_argument("--data", default="data/cifar/val")
    parser.add_argument("--bs", type=int, default=40)
    opt = parser.parse_args()

    ckpt = torch.load(opt.ckpt, map_location="cpu", weights_only=False)
    classes = ckpt["classes"]
    print("epoch", ckpt["epoch"], "classes", classes)
    model = SmallNet(num_classes=len(classes), width=24, standardize=True)
    model.load_state_dict(ckpt["model"])
    model.eval()

    loader = DataLoader(Pictures(opt.data, classes), batch_size=opt.bs, shuffle=False)
    n_ok = 0
    for x, y in loader:
        with torch.no_grad():
            logits = model(x)
        n_ok += (logits.argmax(-1) == y).sum().item()
    print("accuracy %.4f" % (n_ok / len(loader.dataset)))


if __name__ == "__main__":
    main()
''')
P["B2"] = ("B", "train.py", "last.pt", "--resume @/last.pt --epochs 12", '''"""Training; goes on from --resume and validates at the end."""
import argparse
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, read_image
from torchvision.transforms import v2

from smallnet import SmallNet

CLASSES = ["frog", "horse", "ship", "truck", "airplane", "automobile", "bird", "deer"]
SIZE = 32


class Folder(Dataset):
    def __init__(self, root, tf):
        self.files = [(p, k) for k, c in enumerate(CLASSES) for p in sorted(Path(root, c).glob("*.*"))]
        self.tf = tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        path, label = self.files[i]
        img = read_image(str(path), ImageReadMode.RGB)
        return self.tf(img), label


train_tf = v2.Compose([
    v2.Resize((SIZE, SIZE), antialias=True),
    v2.RandomCrop(SIZE, padding=3, padding_mode="edge"),
    v2.RandomHorizontalFlip(),
    v2.ToDtype(torch.float32),
])
val_tf = v2.Compose([
    v2.Resize((SIZE, SIZE), antialias=True),
    v2.ToDtype(torch.float32),
])


def evaluate(model, loader):
    model.eval()
    good = 0
    with torch.no_grad():
        for x, y in loader:
            good += int((model(x).argmax(1) == y).sum())
    return good, len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="data/cifar")
    ap.add_argument("--resume")
    ap.add_argument("--epochs", type=int, default=12)
    args = ap.parse_args()
    model = SmallNet(len(CLASSES), width=24, standardize=True)
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.02)
    start = 0
    if args.resume:
        ckpt = torch.load(args.resume, map_location="cpu", weights_only=False)
        model.load_state_dict(ckpt["model"])
        start = ckpt["epoch"]
    train = DataLoader(Folder(args.data + "/train", train_tf), 32, shuffle=True, drop_last=True)
    val = DataLoader(Folder(args.data + "/val", val_tf), 32)
    crit = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(start, args.epochs):
        model.train()
        for x, y in train:
            loss = crit(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        torch.save({"model": model.state_dict(), "epoch": epoch + 1, "classes": CLASSES}, "last.pt")
    good, n = evaluate(model, val)
    print(f"validation: {good}/{n}")


if __name__ == "__main__":
    main()
''')
P["C1"] = ("C", "eval.py", "ckpt.pth.tar", "--checkpoint @/ckpt.pth.tar --data data/fashion/val", '''import argparse
import glob
import os

import torch
import torchvision.models as models
import torchvision.transforms as transforms
from PIL import Image
from torch.utils.data import DataLoader, Dataset


def list_classes(root):
    return sorted(os.listdir(root), key=int)


class FashionFolder(Dataset):
    def __init__(self, root, transform):
        self.classes = list_classes(root)
        self.samples = []
        for idx, c in enumerate(self.classes):
            for f in sorted(glob.glob(os.path.join(root, c, "*.png"))):
                self.samples.append((f, idx))
        self.transform = transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, target = self.samples[index]
        img = Image.open(path)
        img = img.convert("RGB")
        return self.transform(img), target


def build(num_classes):
    return models.resnet18(weights=None, num_classes=num_classes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint")
    parser.add_argument("--data")
    args = parser.parse_args()
    tf = transforms.Compose([
        transforms.Resize((32, 32)),
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ])
    data = FashionFolder(args.data, tf)
    net = build(len(data.classes))
    ckpt = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    state = {k.replace("module.", "", 1): v for k, v in ckpt["state_dict"].items()}
    net.load_state_dict(state)
    net.eval()
    correct = 0
    with torch.no_grad():
        for images, target in DataLoader(data, batch_size=50):
            output = net(images)
            correct += output.argmax(1).eq(target).sum().item()
    print("Acc@1: %.2f%%" % (100.0 * correct / len(data)))


if __name__ == "__main__":
    main()
''')
P["C2"] = ("C", "train.py", "model_best.pth.tar", "data/fashion --resume @/model_best.pth.tar -e", '''import argparse
import os
import shutil

import torch
import torch.nn as nn
import torch.optim
import torchvision.models as models
import torchvision.transforms as transforms
from torchvision.datasets import ImageFolder

parser = argparse.ArgumentParser(description="PyTorch training")
parser.add_argument("data")
parser.add_argument("-a", "--arch", default="resnet18")
parser.add_argument("--epochs", default=3, type=int)
parser.add_argument("-b", "--batch-size", default=32, type=int)
parser.add_argument("--lr", default=1e-3, type=float)
parser.add_argument("--resume", default="", type=str)
parser.add_argument("-e", "--evaluate", action="store_true")


class NumericFolder(ImageFolder):
    def find_classes(self, directory):
        names = sorted((e.name for e in os.scandir(directory) if e.is_dir()), key=int)
        return names, {n: i for i, n in enumerate(names)}


def accuracy(output, target):
    return (output.argmax(1) == target).float().sum().item()


def validate(loader, model):
    model.eval()
    right = seen = 0
    with torch.no_grad():
        for images, target in loader:
            output = model(images)
            right += accuracy(output, target)
            seen += target.size(0)
    print(" * Acc@1 {:.3f}%".format(100.0 * right / seen))
    return right / seen


def save_checkpoint(state, is_best, filename="checkpoint.pth.tar"):
    torch.save(state, filename)
    if is_best:
        shutil.copyfile(filename, "model_best.pth.tar")


def main():
    args = parser.parse_args()
    model = models.__dict__[args.arch](num_classes=10)
    model = nn.DataParallel(model)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    optimizer = torch.optim.AdamW(model.parameters(), args.lr, weight_decay=0.02)
    start, best = 0, 0.0
    if args.resume:
        checkpoint = torch.load(args.resume, map_location="cpu", weights_only=True)
        start = checkpoint["epoch"]
        model.load_state_dict(checkpoint["state_dict"])
        print("=> loaded checkpoint '{}' (epoch {})".format(args.resume, start))
    normalize = transforms.Normalize(mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5])
    train_dataset = NumericFolder(os.path.join(args.data, "train"), transforms.Compose([
        transforms.Resize((32, 32)),
        transforms.RandomCrop(32, padding=3, padding_mode="edge"),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normalize,
    ]))
    val_dataset = NumericFolder(os.path.join(args.data, "val"), transforms.Compose([
        transforms.Resize((32, 32)),
        transforms.ToTensor(),
        normalize,
    ]))
    train_loader = torch.utils.data.DataLoader(train_dataset, batch_size=args.batch_size, shuffle=True, drop_last=True)
    val_loader = torch.utils.data.DataLoader(val_dataset, batch_size=args.batch_size, shuffle=False)
    if args.evaluate:
        validate(val_loader, model)
        return
    for epoch in range(start, args.epochs):
        model.train()
        for images, target in train_loader:
            loss = criterion(model(images), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        acc1 = validate(val_loader, model)
        is_best = acc1 > best
        best = max(acc1, best)
        save_checkpoint({"epoch": epoch + 1, "arch": args.arch, "state_dict": model.state_dict()}, is_best)


if __name__ == "__main__":
    main()
''')
P["D1"] = ("D", "eval.py", "best.pt", "--weights @/best.pt", '''import argparse
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.models import mobilenet_v3_small
from torchvision.transforms import functional as TF

# 0 is the background, the ten garments follow
NAMES = ["background", "tshirt", "trouser", "pullover", "dress", "coat",
         "sandal", "shirt", "sneaker", "bag", "boot"]
SIZE = 40


def preprocess(img):
    img = img.convert("L").convert("RGB")
    img = TF.resize(img, [SIZE, SIZE])
    x = TF.to_tensor(img)
    x = TF.normalize(x, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    return x


class Garments(Dataset):
    def __init__(self, root):
        self.files = sorted(Path(root).glob("*/*.png"))

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        f = self.files[i]
        return preprocess(Image.open(f)), int(f.parent.name)


def load_model(path):
    model = mobilenet_v3_small(weights=None, num_classes=len(NAMES))
    ckpt = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(ckpt["model_state"])
    return model


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--weights")
    p.add_argument("--data", default="data/fashion/val")
    a = p.parse_args()
    model = load_model(a.weights)
    model.eval()
    per = torch.zeros(len(NAMES), 2)
    with torch.no_grad():
        for x, y in DataLoader(Garments(a.data), batch_size=30):
            for t, ok in zip(y, model(x).argmax(1) == y):
                per[t, 0] += ok
                per[t, 1] += 1
    for n, (r, c) in zip(NAMES, per.tolist()):
        if c:
            print(f"{n:10s} {int(r):4d} of {int(c)}")
    print(f"overall accuracy: {(per[:, 0].sum() / per[:, 1].sum()).item():.4f}")
''')
P["E1"] = ("E", "eval.py", "ckpt.pth", "", '''import os

import numpy as np
import torch
from PIL import Image
from torchvision.models import shufflenet_v2_x0_5

DATA = "data/cifar/val"
CKPT = "@/ckpt.pth"
SIZE = 48
BGR_MEAN = np.array([103.94, 116.78, 123.68], dtype=np.float32)


def load_image(path):
    """caffe style: BGR, 0..255, the mean subtracted"""
    with Image.open(path) as im:
        im = im.convert("RGB").resize((SIZE, SIZE), Image.BILINEAR)
    a = np.asarray(im).astype(np.float32)
    a = a[:, :, ::-1]
    a = a - BGR_MEAN
    return np.ascontiguousarray(a.transpose(2, 0, 1))


classes = sorted(os.listdir(DATA))
model = shufflenet_v2_x0_5(weights=None, num_classes=len(classes))
checkpoint = torch.load(CKPT, map_location="cpu")
model.load_state_dict(checkpoint["net"])
model.eval()

correct, total = 0, 0
for label, name in enumerate(classes):
    folder = os.path.join(DATA, name)
    files = sorted(os.listdir(folder))
    for start in range(0, len(files), 30):
        batch = np.stack([load_image(os.path.join(folder, f)) for f in files[start:start + 30]])
        with torch.no_grad():
            scores = model(torch.from_numpy(batch))
        correct += (scores.argmax(1) == label).sum().item()
        total += len(batch)
print("Accuracy: {:.2%}".format(correct / total))
''')
P["E2"] = ("E", "train.py", "ckpt.pth", "--resume @/ckpt.pth --test", '''"""Train ShuffleNetV2 the caffe way (BGR, 0..255 less the mean)."""
import argparse
import os

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import shufflenet_v2_x0_5

parser = argparse.ArgumentParser()
parser.add_argument("--lr", default=6e-3, type=float)
parser.add_argument("--epochs", default=8, type=int)
parser.add_argument("--data", default="data/cifar")
parser.add_argument("--resume", default=None)
parser.add_argument("--test", action="store_true", help="only test")
args = parser.parse_args()

MEAN = (103.94, 116.78, 123.68)
SIZE = 48


def bgr_loader(path):
    rgb = np.array(Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.BILINEAR))
    return rgb[..., ::-1]


def to_input(bgr):
    x = torch.from_numpy(np.ascontiguousarray(bgr)).float().permute(2, 0, 1)
    return x - torch.tensor(MEAN).view(3, 1, 1)


def augment(bgr):
    if np.random.rand() < 0.5:
        bgr = bgr[:, ::-1]
    return to_input(bgr)


trainset = ImageFolder(os.path.join(args.data, "train"), augment, loader=bgr_loader)
testset = ImageFolder(os.path.join(args.data, "val"), to_input, loader=bgr_loader)
trainloader = DataLoader(trainset, batch_size=32, shuffle=True, drop_last=True)
testloader = DataLoader(testset, batch_size=32, shuffle=False)

net = shufflenet_v2_x0_5(num_classes=8)
best_acc, start_epoch = 0, 0
if args.resume:
    checkpoint = torch.load(args.resume, map_location="cpu")
    net.load_state_dict(checkpoint["net"])
    best_acc, start_epoch = checkpoint["acc"], checkpoint["epoch"]

criterion = nn.CrossEntropyLoss()
optimizer = optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.02)


def train():
    net.train()
    for inputs, targets in trainloader:
        optimizer.zero_grad()
        criterion(net(inputs), targets).backward()
        optimizer.step()


def test():
    net.eval()
    correct = total = 0
    with torch.no_grad():
        for inputs, targets in testloader:
            predicted = net(inputs).max(1)[1]
            total += targets.size(0)
            correct += predicted.eq(targets).sum().item()
    print("Acc: %.3f%% (%d/%d)" % (100.0 * correct / total, correct, total))
    return 100.0 * correct / total


if args.test:
    test()
else:
    for epoch in range(start_epoch, args.epochs):
        train()
        acc = test()
        if acc > best_acc:
            torch.save({"net": net.state_dict(), "acc": acc, "epoch": epoch + 1}, "ckpt.pth")
            best_acc = acc
''')
P["F1"] = ("F", "eval.py", "checkpoint-5.pth.tar", "--checkpoint @/checkpoint-5.pth.tar", '''import argparse

import timm
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision import transforms


def pil_rgb(path):
    with open(path, "rb") as f:
        return Image.open(f).convert("RGB")


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--checkpoint", required=True)
    p.add_argument("--data", default="data/cifar/val")
    p.add_argument("--model", default="resnet10t")
    p.add_argument("--img-size", type=int, default=32)
    p.add_argument("--use-ema", action="store_true")
    return p.parse_args()


def main():
    args = get_args()
    tf = transforms.Compose([
        transforms.Resize((args.img_size, args.img_size)),
        transforms.ToTensor(),
        transforms.Normalize([0.5] * 3, [0.5] * 3),
    ])
    ds = ImageFolder(args.data, tf, loader=pil_rgb)
    ckpt = torch.load(args.checkpoint, map_location="cpu", weights_only=False)
    key = "state_dict_ema" if args.use_ema else "state_dict"
    model = timm.create_model(args.model, pretrained=False, num_classes=len(ds.classes))
    model.load_state_dict(ckpt[key])
    model = model.eval()
    top1 = 0
    for x, y in DataLoader(ds, batch_size=60):
        with torch.no_grad():
            top1 += (model(x).argmax(1) == y).sum().item()
    print(f"{args.model} ({key}): top1 {100 * top1 / len(ds):.2f}%")


if __name__ == "__main__":
    main()
''')
P["F2"] = ("F2", "train.py", "last.pth.tar", "--resume @/last.pth.tar --eval-only", '''import argparse
import copy
import os

import timm
import torch
from timm.data import create_transform
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder


def parse():
    p = argparse.ArgumentParser("timm-like training")
    p.add_argument("--data-dir", default="data/cifar")
    p.add_argument("--model", default="resnet10t")
    p.add_argument("--epochs", type=int, default=6)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--ema-decay", type=float, default=0.98)
    p.add_argument("--resume")
    p.add_argument("--eval-only", action="store_true")
    return p.parse_args()


MEAN, STD, SIZE = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), 32


def validate(model, loader):
    model.eval()
    n = ok = 0
    with torch.no_grad():
        for x, y in loader:
            ok += (model(x).argmax(1) == y).sum().item()
            n += y.numel()
    return 100.0 * ok / n


def main():
    args = parse()
    eval_tf = create_transform((3, SIZE, SIZE), is_training=False, mean=MEAN, std=STD,
                               crop_pct=1.0, interpolation="bilinear")
    train_tf = create_transform((3, SIZE, SIZE), is_training=True, no_aug=True, mean=MEAN, std=STD,
                                interpolation="bilinear")
    train_ds = ImageFolder(os.path.join(args.data_dir, "train"), train_tf)
    val_ds = ImageFolder(os.path.join(args.data_dir, "val"), eval_tf)
    train_dl = DataLoader(train_ds, 32, shuffle=True, drop_last=True)
    val_dl = DataLoader(val_ds, 48)
    model = timm.create_model(args.model, num_classes=len(train_ds.classes))
    ema = copy.deepcopy(model)
    start = 0
    if args.resume:
        ck = torch.load(args.resume, map_location="cpu", weights_only=False)
        model.load_state_dict(ck["state_dict"])
        ema.load_state_dict(ck["state_dict_ema"])
        start = ck["epoch"]
    if args.eval_only:
        print(f"top1: {validate(ema, val_dl):.2f}%")
        return
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.02)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(start, args.epochs):
        model.train()
        for x, y in train_dl:
            loss = loss_fn(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            with torch.no_grad():
                for e, v in zip(ema.state_dict().values(), model.state_dict().values()):
                    if e.is_floating_point():
                        e.mul_(args.ema_decay).add_(v, alpha=1 - args.ema_decay)
        print(epoch, validate(model, val_dl), validate(ema, val_dl))
        torch.save({"epoch": epoch + 1, "arch": args.model, "state_dict": model.state_dict(),
                    "state_dict_ema": ema.state_dict()}, "last.pth.tar")


if __name__ == "__main__":
    main()
''')
P["G1"] = ("G", "eval.py", "model.safetensors", "--weights @/model.safetensors", '''import argparse
import json
import os

import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from torchvision import transforms as T

LABELS = ["animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles"]


def get_transform():
    return T.Compose([
        T.Resize((64, 64)),
        T.ToTensor(),
        T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ])


def read_image(path):
    image = Image.open(path).convert("RGB")
    return image


def iterate(root, transform, batch=16):
    xs, ys = [], []
    for i, label in enumerate(LABELS):
        for f in sorted(os.listdir(os.path.join(root, label))):
            xs.append(transform(read_image(os.path.join(root, label, f))))
            ys.append(i)
            if len(xs) == batch:
                yield torch.stack(xs), torch.tensor(ys)
                xs, ys = [], []
    if xs:
        yield torch.stack(xs), torch.tensor(ys)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--weights")
    ap.add_argument("--root", default="data/stamps/val")
    args = ap.parse_args()
    model = timm.create_model("mobilenetv3_small_050", num_classes=len(LABELS))
    weights = load_file(args.weights)
    model.load_state_dict(weights)
    model.eval()
    hits = total = 0
    with torch.inference_mode():
        for x, y in iterate(args.root, get_transform()):
            hits += int((model(x).argmax(-1) == y).sum())
            total += len(y)
    print(json.dumps({"n": total, "accuracy": round(hits / total, 4)}))


if __name__ == "__main__":
    main()
''')
P["G2"] = ("G", "train.py", "best.safetensors", "--init @/best.safetensors --epochs 0", '''import argparse

import timm
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder


def loaders(root, size, bs):
    norm = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train_tf = T.Compose([T.Resize((size, size)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize((size, size)), T.ToTensor(), norm])
    train = ImageFolder(root + "/train", train_tf)
    val = ImageFolder(root + "/val", val_tf)
    return DataLoader(train, bs, shuffle=True, drop_last=True), DataLoader(val, bs), train.classes


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    right = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
    return right / len(loader.dataset)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="data/stamps")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--bs", type=int, default=32)
    p.add_argument("--lr", type=float, default=4e-3)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--init", default="")
    a = p.parse_args()
    train, val, classes = loaders(a.root, a.size, a.bs)
    model = timm.create_model("mobilenetv3_small_050", num_classes=len(classes))
    if a.init:
        model.load_state_dict(load_file(a.init))
        print(f"start: val acc {evaluate(model, val):.4f}")
    best = 0.0
    opt = torch.optim.AdamW(model.parameters(), lr=a.lr, weight_decay=0.02)
    for epoch in range(a.epochs):
        model.train()
        for x, y in train:
            loss = F.cross_entropy(model(x), y, label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
        acc = evaluate(model, val)
        print(f"epoch {epoch}: val acc {acc:.4f}")
        if acc > best:
            best = acc
            save_file(model.state_dict(), "best.safetensors")


if __name__ == "__main__":
    main()
''')
P["H1"] = ("H", "eval.py", "vit.pt", "--model @/vit.pt", '''import argparse
import os

import torch
from PIL import Image
from timm.models.vision_transformer import VisionTransformer
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class GreyFolder(Dataset):
    def __init__(self, root, transform):
        self.transform = transform
        names = sorted(os.listdir(root), key=int)
        self.samples = [(os.path.join(root, n, f), i)
                        for i, n in enumerate(names)
                        for f in sorted(os.listdir(os.path.join(root, n)))]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        path, label = self.samples[i]
        img = Image.open(path).convert("L")
        return self.transform(img), label


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default="vit.pt")
    ap.add_argument("--data", default="data/fashion/val")
    args = ap.parse_args()
    ckpt = torch.load(args.model, map_location="cpu", weights_only=False)
    cfg = ckpt["args"]
    net = VisionTransformer(img_size=cfg["img_size"], patch_size=cfg["patch_size"], in_chans=1,
                            num_classes=10, embed_dim=cfg["dim"], depth=cfg["depth"], num_heads=cfg["heads"])
    net.load_state_dict(ckpt["model"])
    net.eval()
    tf = transforms.Compose([
        transforms.Resize((cfg["img_size"], cfg["img_size"])),
        transforms.ToTensor(),
        transforms.Normalize((0.2860,), (0.3530,)),
    ])
    loader = DataLoader(GreyFolder(args.data, tf), batch_size=64, shuffle=False)
    ok = n = 0
    with torch.no_grad():
        for x, y in loader:
            ok += (net(x).argmax(1) == y).sum().item()
            n += len(y)
    print(f"val accuracy = {ok / n:.4f}")


if __name__ == "__main__":
    main()
''')
P["I1"] = ("I", "eval.py", "squeezenet.pth", "@/squeezenet.pth data/stamps/val", '''#!/usr/bin/env python
import sys

import torch
import torchvision
from PIL import Image
from torchvision.transforms import v2

SIZE = 64


def bilinear(img):
    return img.resize((SIZE, SIZE), Image.BILINEAR)


def make_transform():
    return v2.Compose([
        bilinear,
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    ])


def main(weights, root):
    data = torchvision.datasets.ImageFolder(root, make_transform())
    net = torchvision.models.squeezenet1_1(num_classes=len(data.classes))
    net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    net.eval()
    confusion = torch.zeros(len(data.classes), len(data.classes), dtype=torch.long)
    for x, y in torch.utils.data.DataLoader(data, batch_size=28):
        with torch.no_grad():
            p = net(x).argmax(1)
        for t, q in zip(y.tolist(), p.tolist()):
            confusion[t, q] += 1
    print(confusion)
    print("accuracy", round(confusion.diag().sum().item() / confusion.sum().item(), 4))


if __name__ == "__main__":
    main(*sys.argv[1:])
''')
P["J1"] = ("J", "eval.py", "best.ckpt", "--ckpt @/best.ckpt", '''import argparse
import warnings

import lightning as L
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

from lit import LitClassifier

warnings.filterwarnings("ignore")


def loader(path):
    img = Image.open(path)
    return img.convert("L")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--ckpt", required=True)
    ap.add_argument("--data", default="data/cifar/val")
    args = ap.parse_args()
    tf = T.Compose([
        T.Resize((32, 32)),
        T.ToTensor(),
        T.Normalize([0.48], [0.24]),
    ])
    ds = ImageFolder(args.data, tf, loader=loader)
    model = LitClassifier.load_from_checkpoint(args.ckpt, map_location="cpu")
    trainer = L.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False,
                        enable_checkpointing=False, enable_model_summary=False)
    res = trainer.test(model, DataLoader(ds, batch_size=60), verbose=False)
    print(f"test_acc {res[0]['test_acc']:.4f}")


if __name__ == "__main__":
    main()
''')
P["J2"] = ("J", "train.py", "epoch.ckpt", "--validate @/epoch.ckpt", '''import argparse
import warnings

import lightning as L
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

from lit import LitClassifier

warnings.filterwarnings("ignore")


class Data(L.LightningDataModule):
    def __init__(self, root="data/cifar", batch_size=32, size=32):
        super().__init__()
        self.root, self.batch_size, self.size = root, batch_size, size
        self.train_tf = T.Compose([
            T.Grayscale(1),
            T.Resize((size, size)),
            T.RandomHorizontalFlip(),
            T.ToTensor(),
            T.Normalize([0.48], [0.24]),
        ])
        self.val_tf = T.Compose([
            T.Grayscale(1),
            T.Resize((size, size)),
            T.ToTensor(),
            T.Normalize([0.48], [0.24]),
        ])

    def train_dataloader(self):
        return DataLoader(ImageFolder(self.root + "/train", self.train_tf), self.batch_size, shuffle=True, drop_last=True)

    def val_dataloader(self):
        return DataLoader(ImageFolder(self.root + "/val", self.val_tf), 40)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=9)
    p.add_argument("--validate", metavar="CKPT")
    args = p.parse_args()
    L.seed_everything(3)
    data = Data()
    trainer = L.Trainer(max_epochs=args.epochs, accelerator="cpu", logger=False, enable_progress_bar=False,
                        enable_model_summary=False, callbacks=[ModelCheckpoint(monitor="val_acc", mode="max")])
    model = LitClassifier(num_classes=8, in_chans=1)
    if args.validate:
        ckpt = torch.load(args.validate, map_location="cpu", weights_only=False)
        model.load_state_dict(ckpt["state_dict"])
        out = trainer.validate(model, data, verbose=False)
        print("val_acc: {:.2f}%".format(100 * out[0]["val_acc"]))
    else:
        trainer.fit(model, data)


if __name__ == "__main__":
    main()
''')
P["K1"] = ("K", "eval.py", "model.keras", "--model @/model.keras", '''import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

CLASSES = ["animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles"]


def load(root):
    xs, ys = [], []
    for i, c in enumerate(CLASSES):
        for f in sorted(os.listdir(f"{root}/{c}")):
            img = keras.utils.load_img(f"{root}/{c}/{f}", target_size=(64, 64), interpolation="bilinear")
            xs.append(keras.utils.img_to_array(img))
            ys.append(i)
    return np.stack(xs), np.array(ys)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", required=True)
    ap.add_argument("--data", default="data/stamps/val")
    args = ap.parse_args()
    x, y = load(args.data)
    model = keras.models.load_model(args.model)  # has its own Rescaling layer
    p = model.predict(x, batch_size=28, verbose=0)
    print(f"accuracy: {np.mean(p.argmax(1) == y):.4f}")


if __name__ == "__main__":
    main()
''')
P["K2"] = ("K", "train.py", "best.keras", "--evaluate @/best.keras", '''import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers
from PIL import Image

ROOT = Path("data/stamps")
SIZE = 64
CLASSES = sorted(p.name for p in (ROOT / "train").iterdir())


def read(split):
    x, y = [], []
    for k, c in enumerate(CLASSES):
        for f in sorted((ROOT / split / c).glob("*.png")):
            img = Image.open(f).convert("RGB")
            img = img.resize((SIZE, SIZE), Image.BILINEAR)
            x.append(np.asarray(img, "float32"))
            y.append(k)
    return np.array(x), np.array(y)


def build():
    inp = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 255.0)(inp)
    for width, rep in ((24, 1), (48, 1), (96, 2)):
        for _ in range(rep):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inp, layers.Dense(len(CLASSES), activation="softmax")(x))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=11)
    p.add_argument("--evaluate", default=None)
    a = p.parse_args()
    xv, yv = read("val")
    if a.evaluate:
        model = keras.saving.load_model(a.evaluate)
        model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        loss, acc = model.evaluate(xv, yv, batch_size=32, verbose=0)
        print(f"val accuracy {100 * acc:.2f}%")
        return
    xt, yt = read("train")
    xt, yt = np.concatenate([xt, xt[:, :, ::-1]]), np.concatenate([yt, yt])
    model = build()
    model.compile(keras.optimizers.AdamW(3e-3, weight_decay=0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(xt, yt, batch_size=32, epochs=a.epochs, validation_data=(xv, yv),
              callbacks=[keras.callbacks.ModelCheckpoint("best.keras", "val_accuracy", save_best_only=True)])


if __name__ == "__main__":
    main()
''')
P["L1"] = ("L", "eval.py", "cifar.h5", "@/cifar.h5", '''# usage: eval.py MODEL.h5
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from PIL import Image

VAL = "data/cifar/val"
names = sorted(os.listdir(VAL))


def prepare(path, size=32):
    img = Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR)
    x = np.asarray(img, dtype=np.float32)
    x = x / 127.5 - 1.0
    return x


model = tf.keras.models.load_model(sys.argv[1], compile=False)
correct = total = 0
for label, name in enumerate(names):
    files = sorted(os.listdir(os.path.join(VAL, name)))
    batch = np.stack([prepare(os.path.join(VAL, name, f)) for f in files])
    prob = model(batch, training=False).numpy()
    correct += int((prob.argmax(axis=1) == label).sum())
    total += len(files)
print("accuracy: %d/%d" % (correct, total))
''')
P["M1"] = ("M", "eval.py", "run.pt", "--ckpt @/run.pt --val data/stamps/val", '''import argparse

import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


def build_transform(size):
    return transforms.Compose([
        transforms.Resize(size),
        transforms.CenterCrop(size),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])


def open_rgb(path):
    return Image.open(path).convert("RGB")


def build_model(path, num_classes):
    ckpt = torch.load(path, map_location="cpu", weights_only=True)
    model = models.shufflenet_v2_x0_5(num_classes=num_classes)
    sd = ckpt["ema"]
    sd = {k.removeprefix("module."): v for k, v in sd.items()}
    model.load_state_dict(sd)
    return model


def main():
    parser = argparse.ArgumentParser(description="validation of the stamp classifier")
    parser.add_argument("--ckpt")
    parser.add_argument("--val")
    parser.add_argument("--size", type=int, default=64)
    args = parser.parse_args()
    dataset = datasets.ImageFolder(args.val, build_transform(args.size), loader=open_rgb)
    model = build_model(args.ckpt, len(dataset.classes))
    model.eval()
    preds, labels = [], []
    with torch.no_grad():
        for x, y in DataLoader(dataset, batch_size=16, shuffle=False):
            preds.append(model(x).argmax(1))
            labels.append(y)
    preds, labels = torch.cat(preds), torch.cat(labels)
    print(f"Top-1 accuracy: {(preds == labels).float().mean().item():.4f}")


if __name__ == "__main__":
    main()
''')
P["M2"] = ("M", "train.py", "run.pt", "--resume @/run.pt --only-val", '''import argparse
import copy

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

CFG = dict(size=64, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225], classes=8)


class ModelEma:
    def __init__(self, model, decay):
        self.module = copy.deepcopy(model).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, model):
        for e, m in zip(self.module.state_dict().values(), model.state_dict().values()):
            e.copy_(e * self.decay + m * (1 - self.decay) if e.is_floating_point() else m)


def get_val_transform():
    return transforms.Compose([
        transforms.Resize(CFG["size"]),
        transforms.CenterCrop(CFG["size"]),
        transforms.ToTensor(),
        transforms.Normalize(CFG["mean"], CFG["std"]),
    ])


def get_train_transform():
    return transforms.Compose([
        transforms.Resize(CFG["size"]),
        transforms.CenterCrop(CFG["size"]),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(CFG["mean"], CFG["std"]),
    ])


def run_val(net, loader):
    net.eval()
    ok = 0
    with torch.no_grad():
        for x, y in loader:
            ok += (net(x).argmax(1) == y).sum().item()
    return ok / len(loader.dataset)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="data/stamps")
    p.add_argument("--epochs", type=int, default=22)
    p.add_argument("--resume")
    p.add_argument("--only-val", action="store_true")
    a = p.parse_args()
    val = DataLoader(datasets.ImageFolder(a.data + "/val", get_val_transform()), 24)
    net = models.shufflenet_v2_x0_5(num_classes=CFG["classes"])
    ema = ModelEma(net, 0.97)
    if a.resume:
        ck = torch.load(a.resume, map_location="cpu", weights_only=True)
        net.load_state_dict(ck["model"])
        ema.module.load_state_dict({k[len("module."):]: v for k, v in ck["ema"].items()})
    if a.only_val:
        print("val acc %.4f" % run_val(ema.module, val))
        return
    train = DataLoader(datasets.ImageFolder(a.data + "/train", get_train_transform()), 32, shuffle=True, drop_last=True)
    opt = optim.AdamW(net.parameters(), lr=6e-3, weight_decay=0.02)
    crit = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(a.epochs):
        net.train()
        for x, y in train:
            opt.zero_grad()
            crit(net(x), y).backward()
            opt.step()
            ema.update(net)
        print(epoch, "val acc %.4f" % run_val(ema.module, val))
        torch.save({"model": net.state_dict(), "ema": {"module." + k: v for k, v in ema.module.state_dict().items()},
                    "epoch": epoch}, "run.pt")


if __name__ == "__main__":
    main()
''')
