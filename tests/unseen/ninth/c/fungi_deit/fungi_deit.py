"""DeiT-S sur les champignons, plusieurs cartes.

python fungi_deit.py -c fungi.yaml /data/fungi
"""
import argparse
import contextlib
import os

import timm
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import yaml
from timm.optim import create_optimizer_v2
from timm.scheduler.cosine_lr import CosineLRScheduler
from timm.utils import ModelEmaV2
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel as DDP

from champignons import chargeurs


def lire():
    a = argparse.ArgumentParser()
    a.add_argument("racine")
    a.add_argument("-c", "--config", default="fungi.yaml")
    a.add_argument("--port", default="29511")
    a = a.parse_args()
    with open(a.config, encoding="utf-8") as f:
        return a, yaml.safe_load(f)


@torch.no_grad()
def controle(reseau, chargeur, carte):
    reseau.eval()
    juste = torch.zeros((), device=carte)
    for x, y in chargeur:
        x, y = x.to(carte, non_blocking=True), y.to(carte, non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            juste += (reseau(x).argmax(1) == y).sum()
    return juste.item() / len(chargeur.dataset)


def travail(rang, monde, args, cfg):
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    os.environ["MASTER_PORT"] = args.port
    dist.init_process_group("nccl", rank=rang, world_size=monde)
    torch.cuda.set_device(rang)
    torch.manual_seed(5 + rang)
    carte = torch.device("cuda", rang)

    ch_app, ch_ctl, especes = chargeurs(args.racine, cfg, rang, monde)
    reseau = timm.create_model(cfg["model"], pretrained=True, num_classes=especes,
                               drop_path_rate=cfg["drop_path"]).to(carte)
    optimiseur = create_optimizer_v2(reseau, opt="adamw", lr=cfg["lr"], weight_decay=cfg["wd"],
                                     filter_bias_and_bn=True)
    ema = ModelEmaV2(reseau, decay=0.99)
    ddp = DDP(reseau, device_ids=[rang])
    plan = CosineLRScheduler(optimiseur, t_initial=cfg["epochs"], lr_min=1e-6,
                             warmup_t=cfg["warmup"], warmup_lr_init=1e-6)

    k = cfg["accum"]
    utiles = len(ch_app) // k * k       # que des groupes entiers
    for epoque in range(cfg["epochs"]):
        ch_app.sampler.set_epoch(epoque)
        ddp.train()
        optimiseur.zero_grad()
        somme = torch.zeros((), device=carte)
        for i, (x, y) in enumerate(ch_app):
            if i == utiles:
                break
            x, y = x.to(carte, non_blocking=True), y.to(carte, non_blocking=True)
            dernier = (i + 1) % k == 0
            with contextlib.nullcontext() if dernier else ddp.no_sync():
                with torch.autocast("cuda", dtype=torch.bfloat16):
                    perte = F.cross_entropy(ddp(x), y, label_smoothing=0.1)
                (perte / k).backward()
            somme += perte.detach()
            if dernier:
                torch.nn.utils.clip_grad_norm_(ddp.parameters(), 1.0)
                optimiseur.step()
                optimiseur.zero_grad()
                ema.update(reseau)
        plan.step(epoque + 1)

        if rang == 0:
            taux = controle(ema.module, ch_ctl, carte)
            print(f"époque {epoque + 1} : perte {somme.item() / utiles:.4f}, contrôle {taux:.4f}", flush=True)
            torch.save({"reseau": reseau.state_dict(), "ema": ema.module.state_dict(),
                        "optimiseur": optimiseur.state_dict(), "epoque": epoque}, "fungi_dernier.pt")
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    args, cfg = lire()
    n = torch.cuda.device_count()
    mp.spawn(travail, args=(n, args, cfg), nprocs=n)
