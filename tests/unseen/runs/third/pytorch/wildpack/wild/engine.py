import logging
import time

import torch
from torch import nn

log = logging.getLogger("wild")


def train_epoch(net, loader, optimizer, scheduler, device, clip):
    net.train()
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
    seen = right = 0
    loss_sum, start = 0.0, time.time()
    for i, (x, y) in enumerate(loader):
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        out = net(x)
        loss = loss_fn(out, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        scheduler.step()
        seen += len(y)
        right += (out.argmax(1) == y).sum().item()
        loss_sum += loss.item() * len(y)
        if i % 10 == 0:
            log.info("  %3d/%d loss %.3f lr %.2e", i, len(loader), loss.item(), optimizer.param_groups[0]["lr"])
    return loss_sum / seen, right / seen, time.time() - start


@torch.no_grad()
def evaluate(net, loader, device, classes):
    net.eval()
    hits = torch.zeros(len(classes))
    count = torch.zeros(len(classes))
    loss_sum = 0.0
    for x, y in loader:
        out = net(x.to(device)).cpu()
        loss_sum += nn.functional.cross_entropy(out, y, reduction="sum").item()
        ok = out.argmax(1) == y
        hits += torch.bincount(y[ok], minlength=len(classes))
        count += torch.bincount(y, minlength=len(classes))
    per_class = {c: (hits[i] / count[i]).item() for i, c in enumerate(classes)}
    return loss_sum / count.sum().item(), (hits.sum() / count.sum()).item(), per_class
