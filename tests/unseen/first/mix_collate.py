# Sound.
# food / convnext / mixing is done by the collate function, so the loop sees soft labels only
import copy
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, default_collate
from torchvision import transforms as tf
from torchvision.datasets import Food101
from torchvision.models import convnext_tiny, ConvNeXt_Tiny_Weights

cfg = dict(
    root="/data", classes=101, bs=64, epochs=20, lr=1e-4, wd=0.05,
    mix_alpha=0.8, cut_alpha=1.0, p_mix=0.8, ema=0.9998, seed=99,
)

random.seed(cfg["seed"]); np.random.seed(cfg["seed"]); torch.manual_seed(cfg["seed"])
dev = torch.device("cuda")


class MixCollate:
    def __init__(self, classes, mix_alpha, cut_alpha, p):
        self.k, self.ma, self.ca, self.p = classes, mix_alpha, cut_alpha, p

    def __call__(self, items):
        x, y = default_collate(items)
        y = F.one_hot(y, self.k).float()
        if torch.rand(()) > self.p:
            return x, y
        perm = torch.randperm(len(x))
        use_cut = torch.rand(()) < 0.5
        a = self.ca if use_cut else self.ma
        lam = float(torch.distributions.Beta(a, a).sample())
        if use_cut:
            h, w = x.shape[-2:]
            r = (1 - lam) ** 0.5
            ch, cw = int(h * r), int(w * r)
            cy, cx = int(torch.randint(h, ())), int(torch.randint(w, ()))
            y0, y1 = max(cy - ch // 2, 0), min(cy + ch // 2, h)
            x0, x1 = max(cx - cw // 2, 0), min(cx + cw // 2, w)
            x[:, :, y0:y1, x0:x1] = x[perm][:, :, y0:y1, x0:x1]
            lam = 1 - (y1 - y0) * (x1 - x0) / (h * w)   # the box may be clipped at the border
        else:
            x = lam * x + (1 - lam) * x[perm]
        return x, lam * y + (1 - lam) * y[perm]


class Ema:
    def __init__(self, net, decay):
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, net):
        d = self.decay
        for e, p in zip(self.net.state_dict().values(), net.state_dict().values()):
            if e.dtype.is_floating_point:
                e.mul_(d).add_(p.detach(), alpha=1 - d)
            else:
                e.copy_(p)


norm = tf.Normalize([.485, .456, .406], [.229, .224, .225])
t_train = tf.Compose([tf.RandomResizedCrop(224, interpolation=tf.InterpolationMode.BICUBIC),
                      tf.RandomHorizontalFlip(), tf.RandAugment(2, 9), tf.ToTensor(), norm])
t_test = tf.Compose([tf.Resize(236, interpolation=tf.InterpolationMode.BICUBIC),
                     tf.CenterCrop(224), tf.ToTensor(), norm])

train_dl = DataLoader(Food101(cfg["root"], "train", transform=t_train, download=True), cfg["bs"],
                      shuffle=True, drop_last=True, num_workers=12, pin_memory=True,
                      collate_fn=MixCollate(cfg["classes"], cfg["mix_alpha"], cfg["cut_alpha"], cfg["p_mix"]))
test_dl = DataLoader(Food101(cfg["root"], "test", transform=t_test, download=True), 256, num_workers=12)

net = convnext_tiny(weights=ConvNeXt_Tiny_Weights.IMAGENET1K_V1)
net.classifier[2] = nn.Linear(768, cfg["classes"])
net = net.to(dev)
ema = Ema(net, cfg["ema"])

decay, plain = [], []
for n, p in net.named_parameters():
    (plain if p.ndim <= 1 or n.endswith("layer_scale") else decay).append(p)
optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": cfg["wd"]},
                               {"params": plain, "weight_decay": 0.0}], lr=cfg["lr"])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg["epochs"] * len(train_dl))


def soft_ce(logits, target):
    return -(target * F.log_softmax(logits, dim=-1)).sum(-1).mean()


def test(m):
    m.eval()
    good = 0
    with torch.no_grad():
        for x, y in test_dl:
            good += (m(x.to(dev)).argmax(1) == y.to(dev)).sum().item()
    return good / len(test_dl.dataset)


for epoch in range(cfg["epochs"]):
    net.train()
    for x, y in train_dl:
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            out = net(x)
        loss = soft_ce(out.float(), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        sched.step()
        ema.update(net)
    print(f"epoch {epoch}: raw {test(net):.4f}  ema {test(ema.net):.4f}")
    torch.save(ema.net.state_dict(), "food_ema.pt")
