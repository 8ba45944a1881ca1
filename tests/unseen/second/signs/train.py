# Sound.
import torch
from torch import nn, optim

from data import make_loaders
from engine import fit_epoch, score
from net import SignNet
from settings import Settings


def main(s: Settings):
    torch.manual_seed(s.seed)
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    train_dl, test_dl = make_loaders(s)

    net = SignNet(s.width, s.classes).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=s.peak_lr, momentum=0.9, nesterov=True, weight_decay=s.l2)
    scheduler = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=s.peak_lr, epochs=s.epochs, steps_per_epoch=len(train_dl), pct_start=0.2
    )

    for epoch in range(s.epochs):
        loss = fit_epoch(net, train_dl, criterion, optimizer, scheduler, device)
        print(f"{epoch + 1}/{s.epochs} loss {loss:.4f}")

    # the official test tracks are looked at once, after the last epoch
    print("test accuracy", score(net, test_dl, device))
    torch.save(net.state_dict(), s.out)


if __name__ == "__main__":
    main(Settings())
