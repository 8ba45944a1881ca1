import torch
from torch import nn


class AmpStep:
    """One optimisation step in half precision."""

    def __init__(self, net: nn.Module, optimizer: torch.optim.Optimizer, clip: float):
        self.net = net
        self.optimizer = optimizer
        self.clip = clip
        self.scaler = torch.amp.GradScaler("cuda")
        self.criterion = nn.CrossEntropyLoss()

    def __call__(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cuda", dtype=torch.float16):
            loss = self.criterion(self.net(x), y)
        self.scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), self.clip)  # fault: C343
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.detach()


def train(step: AmpStep, loader, device):
    step.net.train()
    total = torch.zeros((), device=device)
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        total += step(x, y)
    return (total / len(loader)).item()


@torch.no_grad()
def validate(net, loader, device):
    net.eval()
    right = torch.zeros((), device=device)
    for x, y in loader:
        with torch.autocast("cuda", dtype=torch.float16):
            out = net(x.to(device, non_blocking=True))
        right += (out.argmax(1) == y.to(device)).sum()
    return right.item() / len(loader.dataset)
