import copy
import sys

import torch
import torch.nn as nn
import yaml
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import ImageFolder

import nets  # noqa: F401  (fills the registry)
import solver  # noqa: F401
from registry import NETS, OPTIMS, SCHEDULES

MEAN, STD = [0.74, 0.53, 0.71], [0.12, 0.18, 0.13]     # H&E tiles, measured, same as in SimCLR


def data(cfg):
    fin = [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    warp = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip(),
                               transforms.ColorJitter(0.15, 0.15, 0.1, 0.02)] + fin)
    still = transforms.Compose(fin)
    a, b = ImageFolder(cfg["train_dir"], warp), ImageFolder(cfg["train_dir"], still)
    tr, va = train_test_split(list(range(len(a))), test_size=cfg["val_part"], stratify=a.targets,
                              random_state=cfg["seed"])
    test = ImageFolder(cfg["test_dir"], still)
    assert test.classes == a.classes
    kw = dict(batch_size=cfg["batch"], num_workers=8, pin_memory=True)
    return (DataLoader(Subset(a, tr), shuffle=True, drop_last=True, **kw),
            DataLoader(Subset(b, va), **kw), DataLoader(test, **kw))


def rate(net, dl):
    net.eval()
    ok = 0
    with torch.no_grad():
        for x, y in dl:
            ok += int((net(x.cuda()).argmax(1).cpu() == y).sum())
    return ok / len(dl.dataset)


if __name__ == "__main__":
    with open(sys.argv[1] if len(sys.argv) > 1 else "crc.yml") as f:
        cfg = yaml.safe_load(f)
    torch.manual_seed(cfg["seed"])
    train, val, test = data(cfg)
    net = NETS.build(cfg["net"]).cuda()
    optimizer = OPTIMS.build(cfg["optim"], params=net.parameters())
    schedule = SCHEDULES.build(cfg["schedule"], optimizer=optimizer)
    criterion = nn.CrossEntropyLoss()

    kept, best = None, 0
    for epoch in range(cfg["epochs"]):
        net.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = criterion(net(x.cuda()), y.cuda())
            loss.backward()
            optimizer.step()
        schedule.step()
        acc = rate(net, val)
        print(epoch, f"lr={optimizer.param_groups[0]['lr']:.1e}", f"val={acc:.4f}")
        if acc > best:
            best, kept = acc, copy.deepcopy(net.state_dict())

    net.load_state_dict(kept)
    print("CRC-VAL-HE-7K:", rate(net, test))
    torch.save(kept, "tissue.pt")
