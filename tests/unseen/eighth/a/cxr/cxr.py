"""Chest X-ray findings on top of a self-supervised (MoCo v2) ResNet-50."""
import pathlib
import re

import torch
import yaml
from sklearn.metrics import f1_score
from torch.utils.data import DataLoader
from torchvision.models import resnet50

from radiographs import Radiographs

P = yaml.safe_load(pathlib.Path(__file__).with_name("params.yaml").read_text())


def moco_trunk(n_classes):
    net = resnet50(weights=None, num_classes=n_classes)
    raw = torch.load(P["moco"], map_location="cpu", weights_only=False)["state_dict"]
    query = {}
    for key, tensor in raw.items():
        m = re.fullmatch(r"module\.encoder_q\.(.+)", key)
        if m and not m.group(1).startswith("fc."):
            query[m.group(1)] = tensor
    report = net.load_state_dict(query, strict=False)
    # everything but the new output layer has to come out of the file
    assert sorted(report.missing_keys) == ["fc.bias", "fc.weight"], report.missing_keys
    assert not report.unexpected_keys, report.unexpected_keys
    net.fc.weight.data.normal_(0, 0.01)
    net.fc.bias.data.zero_()
    return net


def dev_f1(net, loader):
    net.eval()
    truth, guess = [], []
    with torch.no_grad():
        for x, y in loader:
            guess += net(x.cuda()).argmax(1).tolist()
            truth += y.tolist()
    return f1_score(truth, guess, average="macro")


if __name__ == "__main__":
    torch.manual_seed(P["seed"])
    names = P["classes"]
    sets = {k: Radiographs(P["lists"][k], P["images"], names, training=(k == "train")) for k in ("train", "dev")}
    train_it = DataLoader(sets["train"], P["batch"], shuffle=True, num_workers=8, drop_last=True, pin_memory=True)
    dev_it = DataLoader(sets["dev"], P["batch"], num_workers=8, pin_memory=True)

    net = moco_trunk(len(names)).cuda()
    criterion = torch.nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(net.parameters(), P["lr"], P["momentum"], weight_decay=P["weight_decay"])
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, P["epochs"])

    best = 0.0
    for epoch in range(P["epochs"]):
        net.train()
        for x, y in train_it:
            sgd.zero_grad()
            criterion(net(x.cuda()), y.cuda()).backward()
            sgd.step()
        sched.step()
        f1 = dev_f1(net, dev_it)
        flag = ""
        if f1 > best:
            best, flag = f1, " *"
            torch.save(net.state_dict(), "cxr_best.pth")
        print(f"[{epoch:2d}] macro F1 {f1:.4f}{flag}")
