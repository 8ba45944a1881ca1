# Aufruf:  python flora.py [datei.toml]
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import torch
import torchvision.models as models
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import transforms as tr
from torchvision.datasets import Flowers102


def lies_einstellungen():
    datei = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "flora.toml"
    with datei.open("rb") as f:
        roh = tomllib.load(f)
    return SimpleNamespace(seed=roh["seed"], **{k: SimpleNamespace(**v) for k, v in roh.items() if isinstance(v, dict)})


def baue_netz(cfg):
    netz = getattr(models, cfg.netz.name)(weights=cfg.netz.gewichte)
    # je nach Familie heisst die letzte Schicht anders
    if hasattr(netz, "fc"):
        netz.fc = nn.Linear(netz.fc.in_features, cfg.netz.klassen)
    elif isinstance(netz.classifier, nn.Linear):
        netz.classifier = nn.Linear(netz.classifier.in_features, cfg.netz.klassen)
    else:
        netz.classifier[-1] = nn.Linear(netz.classifier[-1].in_features, cfg.netz.klassen)
    return netz


def lade_daten(cfg):
    g = cfg.daten.bildgroesse
    norm = tr.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    lern = tr.Compose([tr.RandomResizedCrop(g, scale=(0.35, 1.0)), tr.RandomHorizontalFlip(),
                       tr.RandomRotation(20), tr.ColorJitter(0.1, 0.1, 0.1), tr.ToTensor(), norm])
    pruef = tr.Compose([tr.Resize(int(g * 1.15)), tr.CenterCrop(g), tr.ToTensor(), norm])
    ordner = str(Path(cfg.daten.ordner).expanduser())
    mengen = {teil: Flowers102(ordner, split=teil, transform=lern if teil == "train" else pruef, download=True)
              for teil in ("train", "val", "test")}
    return {teil: DataLoader(menge, batch_size=cfg.daten.batch, shuffle=teil == "train",
                             drop_last=teil == "train", num_workers=cfg.daten.prozesse, pin_memory=True)
            for teil, menge in mengen.items()}


@torch.inference_mode()
def trefferquote(netz, lader, geraet):
    netz.eval()
    richtig = torch.zeros((), device=geraet)
    for bild, sorte in lader:
        bild, sorte = bild.to(geraet, non_blocking=True), sorte.to(geraet, non_blocking=True)
        richtig += (netz(bild).argmax(dim=1) == sorte).sum()
    return 100 * richtig.item() / len(lader.dataset)


def main():
    cfg = lies_einstellungen()
    torch.manual_seed(cfg.seed)
    geraet = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    daten = lade_daten(cfg)
    netz = baue_netz(cfg).to(geraet)

    t = cfg.training
    optimierer = optim.AdamW(netz.parameters(), lr=t.lernrate, weight_decay=t.abfall)
    plan = optim.lr_scheduler.OneCycleLR(optimierer, max_lr=t.lernrate, epochs=t.epochen,
                                         steps_per_epoch=len(daten["train"]))
    verlust_fn = nn.CrossEntropyLoss()

    beste, datei = -1.0, Path(f"{cfg.netz.name}_flora.pt")
    for epoche in range(1, t.epochen + 1):
        netz.train()
        summe = torch.zeros((), device=geraet)
        for bild, sorte in daten["train"]:
            bild, sorte = bild.to(geraet, non_blocking=True), sorte.to(geraet, non_blocking=True)
            optimierer.zero_grad()
            verlust = verlust_fn(netz(bild), sorte)
            verlust.backward()
            optimierer.step()
            plan.step()          # nach jedem Schritt
            summe += verlust.detach()
        quote = trefferquote(netz, daten["val"], geraet)
        print(f"Epoche {epoche:2d}: Verlust {summe.item() / len(daten['train']):.3f}, Pruefmenge {quote:.1f} %")
        if quote > beste:
            beste = quote
            torch.save(netz.state_dict(), datei)

    netz.load_state_dict(torch.load(datei, map_location=geraet))
    print(f"Testmenge: {trefferquote(netz, daten['test'], geraet):.2f} %")


if __name__ == "__main__":
    main()
