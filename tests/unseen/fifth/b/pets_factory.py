# -*- coding: utf-8 -*-
# internal: breed service, training job. owner: ML-platform (ask Jonas before touching)
# TODO move to the new trainer
import os, sys, json, copy, logging
from collections import OrderedDict

import torch
import torch.nn as nn
import timm
from timm.optim import create_optimizer_v2
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import OxfordIIITPet

CFG = dict(
    model="resnet34.a1_in1k",
    classes=37,
    bs=64,
    epochs=24,
    opt="adamw",
    lr=3e-4,
    wd=0.02,
    seed=99,
    img=224,
    workers=6,
    out=os.environ.get("JOB_OUT", "./out"),
)
# overrides from the scheduler:  python pets_factory.py out=/mnt/x
for a in sys.argv[1:]:
    k, v = a.split("=", 1)
    if k == "out":
        CFG[k] = v

log = logging.getLogger("pets")
logging.basicConfig(level="INFO")
DEV = "cuda" if torch.cuda.is_available() else "cpu"
M = [0.485, 0.456, 0.406]
S = [0.229, 0.224, 0.225]


def get_model_and_opt():
    net = timm.create_model(CFG["model"], pretrained=True)
    opt = create_optimizer_v2(net, opt=CFG["opt"], lr=CFG["lr"], weight_decay=CFG["wd"])  # fault: C313
    net.reset_classifier(CFG["classes"])
    net.to(DEV)
    n = sum(p.numel() for p in net.parameters())
    log.info("model %s, %.1fM parameters", CFG["model"], n / 1e6)
    return net, opt


def get_data():
    t1 = transforms.Compose([
        transforms.RandomResizedCrop(CFG["img"], scale=(0.4, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.TrivialAugmentWide(),
        transforms.ToTensor(),
        transforms.Normalize(M, S),
    ])
    t2 = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(CFG["img"]),
        transforms.ToTensor(),
        transforms.Normalize(M, S),
    ])
    a = OxfordIIITPet("/mnt/data/pets", split="trainval", transform=t1, download=True)
    b = OxfordIIITPet("/mnt/data/pets", split="trainval", transform=t2)
    g = torch.Generator().manual_seed(CFG["seed"])
    idx = torch.randperm(len(a), generator=g).tolist()
    k = len(idx) // 10
    tr = DataLoader(Subset(a, idx[k:]), batch_size=CFG["bs"], shuffle=True, drop_last=True,
                    num_workers=CFG["workers"], pin_memory=True)
    va = DataLoader(Subset(b, idx[:k]), batch_size=CFG["bs"], shuffle=False,
                    num_workers=CFG["workers"], pin_memory=True)
    return tr, va


def check(net, dl):
    net.eval()
    ok = torch.zeros((), device=DEV)
    cnt = 0
    with torch.no_grad():
        for x, y in dl:
            x, y = x.to(DEV, non_blocking=True), y.to(DEV, non_blocking=True)
            ok += (net(x).argmax(1) == y).sum()
            cnt += y.numel()
    return ok.item() / cnt


def run():
    torch.manual_seed(CFG["seed"])
    os.makedirs(CFG["out"], exist_ok=True)
    tr, va = get_data()
    net, opt = get_model_and_opt()
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=CFG["epochs"])
    crit = nn.CrossEntropyLoss()
    hist = []
    best, best_sd = -1.0, None
    for ep in range(CFG["epochs"]):
        net.train()
        run_loss = torch.zeros((), device=DEV)
        for x, y in tr:
            x, y = x.to(DEV, non_blocking=True), y.to(DEV, non_blocking=True)
            opt.zero_grad(set_to_none=True)
            loss = crit(net(x), y)
            loss.backward()
            opt.step()
            run_loss += loss.detach()
        sched.step()
        acc = check(net, va)
        row = OrderedDict(epoch=ep, loss=(run_loss / len(tr)).item(), val=acc)
        hist.append(row)
        log.info(json.dumps(row))
        if acc > best:
            best, best_sd = acc, copy.deepcopy(net.state_dict())
    torch.save(best_sd, os.path.join(CFG["out"], "pets.pt"))
    with open(os.path.join(CFG["out"], "hist.json"), "w") as f:
        json.dump(hist, f)


if __name__ == "__main__":
    run()
