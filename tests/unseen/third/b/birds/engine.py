import torch


def train_one(net, loader, criterion, optimizer, dev):
    net.train()
    total, n = torch.zeros((), device=dev), 0
    for x, y in loader:
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        loss = criterion(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(y)
        n += len(y)
    return total.item() / n


@torch.no_grad()
def evaluate(net, loader, dev):
    net.eval()
    good, n = torch.zeros((), device=dev), 0
    for x, y in loader:
        x, y = x.to(dev), y.to(dev)
        good += (net(x).argmax(1) == y).sum()
        n += len(y)
    return good.item() / n
