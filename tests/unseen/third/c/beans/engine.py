import torch


def train_one_epoch(net, loader, criterion, optimizer, scheduler, device):
    net.train()
    total = torch.zeros((), device=device)
    for x, y in loader:
        x = x.to(device, non_blocking=True)
        y = y.to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.detach()
    return total.item() / len(loader)


@torch.no_grad()
def accuracy(net, loader, device):
    net.eval()
    hits, seen = torch.zeros((), device=device), 0
    for x, y in loader:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = net(x.to(device, non_blocking=True))
        hits += (logits.argmax(1) == y.to(device, non_blocking=True)).sum()
        seen += y.numel()
    return hits.item() / seen
