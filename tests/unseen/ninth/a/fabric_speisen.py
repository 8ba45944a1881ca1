"""Food-101 mit ConvNeXt-Tiny und Lightning Fabric.

Aufruf:  python fabric_speisen.py --daten /daten/food101 --epochen 20
"""
from __future__ import annotations

import argparse
import contextlib
import math

import lightning as L
import timm
import torch
from timm.loss import LabelSmoothingCrossEntropy
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Subset
from torchmetrics.aggregation import MeanMetric
from torchmetrics.classification import MulticlassAccuracy
from torchvision.datasets import Food101
from torchvision.transforms import v2

KLASSEN = 101
MITTEL, STREUUNG = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def argumente() -> argparse.Namespace:
    p = argparse.ArgumentParser()
    p.add_argument("--daten", default="/daten/food101")
    p.add_argument("--epochen", type=int, default=20)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--sammeln", type=int, default=4, help="so viele Stapel je Schritt des Optimierers")
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--wd", type=float, default=0.05)
    p.add_argument("--aufwaermen", type=int, default=2, help="Epochen")
    p.add_argument("--saat", type=int, default=5)
    return p.parse_args()


def transformationen(training: bool) -> v2.Compose:
    vorn = (
        [v2.RandomResizedCrop(224, scale=(0.4, 1.0), antialias=True), v2.RandomHorizontalFlip(), v2.RandAugment(2, 7)]
        if training
        else [v2.Resize(236, antialias=True), v2.CenterCrop(224)]
    )
    return v2.Compose([*vorn, v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MITTEL, STREUUNG)])


def lader(args) -> tuple[DataLoader, DataLoader, DataLoader]:
    bunt = Food101(args.daten, split="train", transform=transformationen(True), download=True)
    klar = Food101(args.daten, split="train", transform=transformationen(False))
    pruefung = Food101(args.daten, split="test", transform=transformationen(False))

    # eine einzige Permutation fuer beide Teile
    perm = torch.randperm(len(bunt), generator=torch.Generator().manual_seed(args.saat)).tolist()
    schnitt = int(0.95 * len(perm))
    gemeinsam = dict(batch_size=args.batch, num_workers=12, pin_memory=True)
    return (
        DataLoader(Subset(bunt, perm[:schnitt]), shuffle=True, drop_last=True, **gemeinsam),
        DataLoader(Subset(klar, perm[schnitt:]), **gemeinsam),
        DataLoader(pruefung, **gemeinsam),
    )


def gruppen(netz: torch.nn.Module, wd: float) -> list[dict]:
    """Kein Weight Decay auf Normen, Bias und Layer-Scale."""
    mit, ohne = [], []
    for name, par in netz.named_parameters():
        (ohne if par.ndim <= 1 or name.endswith(".gamma") else mit).append(par)
    return [{"params": mit, "weight_decay": wd}, {"params": ohne, "weight_decay": 0.0}]


def faktor(schritt: int, warm: int, gesamt: int) -> float:
    if schritt < warm:
        return (schritt + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (schritt - warm) / max(1, gesamt - warm)))


@torch.inference_mode()
def bewerten(netz, lader_, genau: MulticlassAccuracy) -> torch.Tensor:
    netz.eval()
    genau.reset()
    for x, y in lader_:
        genau.update(netz(x), y)
    netz.train()
    return genau.compute()


def main() -> None:
    args = argumente()
    L.seed_everything(args.saat)
    fabric = L.Fabric(accelerator="cuda", devices=1, precision="bf16-mixed")
    fabric.launch()

    tr, va, te = fabric.setup_dataloaders(*lader(args))
    netz = timm.create_model("convnext_tiny.fb_in1k", pretrained=True, num_classes=KLASSEN, drop_path_rate=0.1)
    opt = torch.optim.AdamW(gruppen(netz, args.wd), lr=args.lr)
    netz, opt = fabric.setup(netz, opt)

    je_epoche = math.ceil(len(tr) / args.sammeln)
    plan = LambdaLR(opt, lambda s: faktor(s, args.aufwaermen * je_epoche, args.epochen * je_epoche))
    verlust = LabelSmoothingCrossEntropy(0.1)
    genau = MulticlassAccuracy(KLASSEN, average="micro").to(fabric.device)
    mittel = MeanMetric().to(fabric.device)

    bestes = torch.tensor(0.0, device=fabric.device)
    for epoche in range(args.epochen):
        netz.train()
        mittel.reset()
        rest = len(tr) % args.sammeln
        for i, (x, y) in enumerate(tr):
            letzter = i + 1 == len(tr)
            schritt = (i + 1) % args.sammeln == 0 or letzter
            # die letzte Gruppe kann kleiner sein
            teiler = rest if rest and i >= len(tr) - rest else args.sammeln
            with contextlib.nullcontext() if schritt else fabric.no_backward_sync(netz):
                fehler = verlust(netz(x), y)
                fabric.backward(fehler / teiler)
            mittel.update(fehler.detach())
            if schritt:
                fabric.clip_gradients(netz, opt, max_norm=1.0)
                opt.step()
                opt.zero_grad()
                plan.step()

        wert = bewerten(netz, va, genau)
        fabric.print(f"Epoche {epoche + 1:2d}: Verlust {mittel.compute():.3f}, Validierung {wert:.2%}")
        if wert > bestes:
            bestes = wert
            fabric.save("speisen_bestes.ckpt", {"netz": netz})

    fabric.load("speisen_bestes.ckpt", {"netz": netz})
    fabric.print(f"Testmenge: {bewerten(netz, te, genau):.2%}")


if __name__ == "__main__":
    main()
