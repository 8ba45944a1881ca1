import os
import sys

import torch
import yaml
from torch.nn import CrossEntropyLoss, Linear
from torchvision.models import MobileNet_V3_Large_Weights, mobilenet_v3_large

import smears

here = os.path.dirname(os.path.abspath(__file__))
with open(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "conf.yaml")) as fh:
    conf = yaml.safe_load(fh)

gpu = torch.device("cuda:0")
torch.manual_seed(conf["split_seed"])


def network(k):
    net = mobilenet_v3_large(weights=MobileNet_V3_Large_Weights.IMAGENET1K_V2)
    net.classifier[3] = Linear(net.classifier[3].in_features, k)
    return net


def per_class_recall(net, loader, k):
    net.eval()
    table = torch.zeros(k, k, dtype=torch.long)
    with torch.inference_mode():
        for img, kind in loader:
            guess = net(img.to(gpu)).argmax(dim=1).cpu()
            for t, p in zip(kind.tolist(), guess.tolist()):
                table[t, p] += 1
    return table.diag().float() / table.sum(1).clamp(min=1), table


def run():
    fit_dl, val_dl, kinds = smears.make(conf)
    net = network(len(kinds)).to(gpu)
    tc = conf["train"]
    adam = torch.optim.AdamW(net.parameters(), lr=tc["lr"], weight_decay=tc["decay"])
    anneal = torch.optim.lr_scheduler.CosineAnnealingLR(adam, T_max=tc["epochs"] * len(fit_dl))
    objective = CrossEntropyLoss(label_smoothing=tc["smoothing"])
    top = -1.0
    os.makedirs(os.path.dirname(conf["save_to"]), exist_ok=True)

    for e in range(tc["epochs"]):
        net.train()
        for img, kind in fit_dl:
            adam.zero_grad()
            value = objective(net(img.to(gpu)), kind.to(gpu))
            value.backward()
            adam.step()
            anneal.step()
        recall, table = per_class_recall(net, val_dl, len(kinds))
        macro = recall.mean().item()
        print("epoch %d  macro recall %.4f  last batch loss %.3f" % (e + 1, macro, value.item()))
        if macro > top:
            top = macro
            torch.save(net.state_dict(), conf["save_to"])
    for name, r in zip(kinds, recall.tolist()):
        print("  %-14s %.3f" % (name, r))


if __name__ == "__main__":
    run()
