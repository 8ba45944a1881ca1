"""Sea shells for the museum's touch table. Lists were made by split_by_collector.py (no collector in two lists)."""
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from data import SPECIES, Shells
from net import make_net

ROOT = "/mnt/museum/shells"
EPOCHS = 25
BS = 32


def run(loader, net, dev, opt=None):
    train = opt is not None
    net.train(train)
    loss_sum = right = n = 0
    with torch.set_grad_enabled(train):
        for x, y in loader:
            x, y = x.to(dev), y.to(dev)
            logits = net(x)
            loss = F.cross_entropy(logits, y)
            if train:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * y.numel()
            right += (logits.argmax(1) == y).sum().item()
            n += y.numel()
    return loss_sum / n, right / n


def main():
    torch.manual_seed(404)
    dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tr = DataLoader(Shells(ROOT, "train.csv", augment=True), BS, shuffle=True, num_workers=4)
    va = DataLoader(Shells(ROOT, "valid.csv"), BS, num_workers=4)
    te = DataLoader(Shells(ROOT, "test.csv"), BS, num_workers=4)

    net = make_net(len(SPECIES)).to(dev)
    opt = torch.optim.Adam(net.parameters(), lr=1e-4)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="min", factor=0.3, patience=3)

    lowest = float("inf")
    for epoch in range(EPOCHS):
        a = run(tr, net, dev, opt)
        b = run(va, net, dev)
        plateau.step(b[0])
        print(f"{epoch:2d}  train {a[0]:.3f} {a[1]:.3f}   valid {b[0]:.3f} {b[1]:.3f}")
        if b[0] < lowest:
            lowest = b[0]
            torch.save(net.state_dict(), "shells_best.pt")

    net.load_state_dict(torch.load("shells_best.pt", map_location=dev))
    print("test: loss %.3f  accuracy %.3f" % run(te, net, dev))


if __name__ == "__main__":
    main()
