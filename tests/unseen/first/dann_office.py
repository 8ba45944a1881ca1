# Faulty: C310, C328: the main optimizer's gradients are never cleared; --augment is read with type=bool, so "--augment False" is True
"""Domain-adversarial training, Office-31: labelled source (amazon), unlabelled target (webcam)."""
import argparse
import itertools
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Function
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import ResNet50_Weights, resnet50

parser = argparse.ArgumentParser()
parser.add_argument("--root", default="office31")
parser.add_argument("--src", default="amazon")
parser.add_argument("--tgt", default="webcam")
parser.add_argument("--iters", type=int, default=20000)
parser.add_argument("--bs", type=int, default=32)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--augment", type=bool, default=True)  # fault: C328
parser.add_argument("--adv", type=float, default=0.1, help="weight of the domain loss")
args = parser.parse_args()

torch.manual_seed(61)
device = torch.device("cuda")


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.w = w
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.w * g, None


class Discriminator(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, 512), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, 1))

    def forward(self, f, w):
        return self.net(Reverse.apply(f, w)).squeeze(1)


norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
clean = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])
noisy = transforms.Compose([transforms.RandomResizedCrop(224, scale=(0.6, 1)),
                            transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
tf = noisy if args.augment else clean


def folder(domain, t):
    return ImageFolder(os.path.join(args.root, domain, "images"), t)


src_dl = DataLoader(folder(args.src, tf), args.bs, shuffle=True, drop_last=True, num_workers=4)
tgt_dl = DataLoader(folder(args.tgt, tf), args.bs, shuffle=True, drop_last=True, num_workers=4)
test_dl = DataLoader(folder(args.tgt, clean), 100, num_workers=4)


def forever(dl):
    while True:
        yield from dl


feat = resnet50(weights=ResNet50_Weights.IMAGENET1K_V2)
feat.fc = nn.Identity()
clf = nn.Linear(2048, 31)
disc = Discriminator(2048)
for m in (feat, clf, disc):
    m.to(device)

opt = torch.optim.SGD([{"params": feat.parameters(), "lr": args.lr},
                       {"params": clf.parameters(), "lr": args.lr * 10}],
                      lr=args.lr, momentum=0.9, weight_decay=1e-3)
opt_d = torch.optim.Adam(disc.parameters(), lr=1e-4)


def accuracy():
    feat.eval(); clf.eval()
    with torch.no_grad():
        ok = sum((clf(feat(x.to(device))).argmax(1).cpu() == y).sum().item() for x, y in test_dl)
    feat.train(); clf.train()
    return ok / len(test_dl.dataset)


pairs = zip(forever(src_dl), forever(tgt_dl))
feat.train(); clf.train(); disc.train()
for it, ((xs, ys), (xt, _)) in enumerate(itertools.islice(pairs, args.iters)):  # fault: C310
    xs, ys, xt = xs.to(device), ys.to(device), xt.to(device)
    fs, ft = feat(xs), feat(xt)
    cls_loss = F.cross_entropy(clf(fs), ys)

    # the discriminator wants to tell the domains apart, the features get the reversed gradient
    logit = disc(torch.cat([fs, ft]), args.adv)
    dom = torch.cat([torch.ones(len(fs)), torch.zeros(len(ft))]).to(device)
    dom_loss = F.binary_cross_entropy_with_logits(logit, dom)

    opt_d.zero_grad()
    (cls_loss + dom_loss).backward()
    opt.step()
    opt_d.step()

    if it % 500 == 0:
        print(f"{it:6d} cls {cls_loss.item():.3f} dom {dom_loss.item():.3f} target acc {accuracy():.4f}", flush=True)

torch.save({"feat": feat.state_dict(), "clf": clf.state_dict()}, "dann.pt")
