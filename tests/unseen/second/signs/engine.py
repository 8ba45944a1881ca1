import torch


def fit_epoch(net, loader, criterion, optimizer, scheduler, device):
    net.train()
    running, seen = 0.0, 0
    for images, targets in loader:
        images = images.to(device, non_blocking=True)
        targets = targets.to(device, non_blocking=True)
        loss = criterion(net(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        running += loss.item() * targets.size(0)
        seen += targets.size(0)
    return running / seen


@torch.inference_mode()
def score(net, loader, device):
    net.eval()
    hits = 0
    for images, targets in loader:
        hits += (net(images.to(device)).argmax(dim=1).cpu() == targets).sum().item()
    return hits / len(loader.dataset)
