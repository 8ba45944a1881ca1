# Sound.
import torch
import torch.nn.functional as F


def _loss(net, x, y, eps):
    out = net(x)
    return out, F.cross_entropy(out, y, label_smoothing=eps)


def fit_one_epoch(net, loader, opt, device):
    net.train()
    s = n = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        _, loss = _loss(net, x, y, eps=0.1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        opt.zero_grad()
        s += loss.item() * len(y)
        n += len(y)
    return s / n


@torch.inference_mode()
def score(net, loader, device):
    net.eval()
    s = ok = n = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out, loss = _loss(net, x, y, eps=0.0)
        s += loss.item() * len(y)
        ok += (out.argmax(-1) == y).sum().item()
        n += len(y)
    return s / n, ok / n
