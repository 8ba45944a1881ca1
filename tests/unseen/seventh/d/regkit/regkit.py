import os
import sys

import torch
import torch.nn.functional as F
import yaml
from torch.utils.data import DataLoader

import backbones  # noqa: F401  (fills the registries)
import datasets  # noqa: F401
import solvers  # noqa: F401
from registry import BACKBONE, DATA, LR_RULE, OPTIM

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def forever(loader):
    while True:
        yield from loader


def share_correct(net, loader):
    was_training = net.training
    net.eval()
    right = 0
    with torch.no_grad():
        for x, y in loader:
            right += net(x.to(device)).argmax(1).eq(y.to(device)).sum().item()
    net.train(was_training)
    return right / len(loader.dataset)


def main(path):
    with open(path) as fh:
        conf = yaml.safe_load(fh)
    torch.manual_seed(conf["seed"])

    parts = DATA.build(conf["data"])
    train = DataLoader(parts["train"], conf["batch"], shuffle=True, drop_last=True, num_workers=4)
    val = DataLoader(parts["val"], 512, num_workers=2)
    test = DataLoader(parts["test"], 512, num_workers=2)

    net = BACKBONE.build(conf["backbone"]).to(device)
    optim = OPTIM.build(conf["optim"], net.parameters())
    lr_rule = LR_RULE.build(conf["lr_rule"], optim)

    net.train()
    batches = forever(train)
    for it in range(1, conf["iterations"] + 1):
        x, y = next(batches)
        loss = F.cross_entropy(net(x.to(device)), y.to(device))
        optim.zero_grad()
        loss.backward()
        optim.step()
        lr_rule.step()
        if it % conf["look_every"] == 0:
            print(f"{it:6d}  lr {optim.param_groups[0]['lr']:.4f}  loss {loss.item():.4f}"
                  f"  val {share_correct(net, val):.4f}", flush=True)

    torch.save(net.state_dict(), "final.pt")
    print(f"test {share_correct(net, test):.4f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "config.yaml"))
