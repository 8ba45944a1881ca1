import torch


def train_one_epoch(net, loader, criterion, optimizer, device, clip):
    net.train()
    total, seen = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        total += loss.item() * len(y)
        seen += len(y)
    return total / seen


@torch.no_grad()
def evaluate(net, loader, device, n):
    net.eval()
    right, count = torch.zeros(n), torch.zeros(n)
    for x, y in loader:
        hit = (net(x.to(device)).argmax(1).cpu() == y).float()
        right.index_add_(0, y, hit)
        count.index_add_(0, y, torch.ones_like(hit))
    return (right.sum() / count.sum()).item(), (right / count.clamp(min=1)).mean().item()
