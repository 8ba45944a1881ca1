# Sound.
"""Camera-trap species, starting from our own contrastive (MoCo) pre-training.

Stage 1 fits the classifier on fixed features, stage 2 releases the whole network.
"""
import functools
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder


@dataclass
class Conf:
    data: str = "/data/traps"
    moco: str = "moco_traps_ep400.pth"
    species: int = 27
    batch: int = 80
    workers: int = 8
    seed: int = 3407


def evaluating(fn):
    """Run fn with the network in eval mode and without graph, then put the modes back."""

    @functools.wraps(fn)
    def inner(net, *a, **kw):
        before = {m: m.training for m in net.modules()}
        net.eval()
        try:
            with torch.inference_mode():
                return fn(net, *a, **kw)
        finally:
            for m, flag in before.items():
                m.training = flag

    return inner


@evaluating
def macro_recall(net, loader, n, device):
    hit = torch.zeros(n)
    seen = torch.zeros(n)
    for x, y in loader:
        pred = net(x.to(device)).argmax(1).cpu()
        seen += torch.bincount(y, minlength=n)
        hit += torch.bincount(y[pred == y], minlength=n)
    return (hit / seen.clamp(min=1)).mean().item()


def network_from_moco(path, n):
    net = models.resnet50()
    net.fc = nn.Linear(2048, n)
    saved = torch.load(path, map_location="cpu")["state_dict"]
    lead = "module.encoder_q."
    kept = {k[len(lead):]: v for k, v in saved.items() if k.startswith(lead) and not k.startswith(lead + "fc")}
    report = net.load_state_dict(kept, strict=False)
    if set(report.missing_keys) != {"fc.weight", "fc.bias"} or report.unexpected_keys:
        raise RuntimeError(f"checkpoint does not fit: {report}")
    return net


def loaders(c):
    norm = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])  # as in the pre-training
    tr = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.3, 1.0)),
        transforms.RandomGrayscale(p=0.2),   # night shots are infra-red
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        norm,
    ])
    va = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])
    kw = dict(num_workers=c.workers, pin_memory=True)
    return (
        DataLoader(ImageFolder(f"{c.data}/train", tr), c.batch, shuffle=True, drop_last=True, **kw),
        DataLoader(ImageFolder(f"{c.data}/val", va), 2 * c.batch, **kw),
    )


def fit(net, train, val, opt, epochs, set_mode, c, device, tag):
    ce = nn.CrossEntropyLoss()
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * len(train))
    for ep in range(epochs):
        set_mode()
        for x, y in train:
            opt.zero_grad()
            loss = ce(net(x.to(device)), y.to(device))
            loss.backward()
            opt.step()
            sched.step()
        print(tag, ep, macro_recall(net, val, c.species, device))


def main():
    c = Conf()
    torch.manual_seed(c.seed)
    device = torch.device("cuda")
    train, val = loaders(c)
    net = network_from_moco(c.moco, c.species).to(device)

    # stage 1: features fixed, batch-norm statistics too
    net.requires_grad_(False)
    net.fc.requires_grad_(True)
    opt = torch.optim.SGD(net.fc.parameters(), lr=0.3, momentum=0.9)
    fit(net, train, val, opt, 8, net.eval, c, device, "head")

    # stage 2: everything, the trunk gently
    net.requires_grad_(True)
    trunk = [p for n, p in net.named_parameters() if not n.startswith("fc.")]
    opt = torch.optim.SGD(
        [{"params": trunk, "lr": 0.005}, {"params": net.fc.parameters(), "lr": 0.02}],
        momentum=0.9,
        weight_decay=1e-4,
    )
    fit(net, train, val, opt, 30, net.train, c, device, "full")
    torch.save(net.state_dict(), "traps.pth")


if __name__ == "__main__":
    main()
