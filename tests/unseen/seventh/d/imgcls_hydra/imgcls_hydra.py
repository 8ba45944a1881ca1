import logging

import hydra
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from loaders import make_loaders

log = logging.getLogger(__name__)


def fit_epoch(net, loader, criterion, optimizer, device):
    net.train()
    seen, running = 0, 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
        seen += len(y)
    return running / seen


@torch.inference_mode()
def top1(net, loader, device):
    net.eval()
    hit = seen = 0
    for x, y in loader:
        guess = net(x.to(device)).argmax(dim=1).cpu()
        hit += (guess == y).sum().item()
        seen += len(y)
    return hit / seen


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg: DictConfig) -> float:
    log.info("\n%s", OmegaConf.to_yaml(cfg))
    torch.manual_seed(cfg.seed)
    device = torch.device(cfg.device if torch.cuda.is_available() else "cpu")

    loaders = make_loaders(cfg.data, cfg.seed)
    net = instantiate(cfg.model).to(device)
    criterion = instantiate(cfg.criterion)
    optimizer = instantiate(cfg.optim.optimizer)(net.parameters())
    scheduler = instantiate(cfg.optim.scheduler)(optimizer)

    best = 0.0
    for epoch in range(cfg.epochs):
        loss = fit_epoch(net, loaders["train"], criterion, optimizer, device)
        scheduler.step()
        acc = top1(net, loaders["val"], device)
        log.info("epoch %d loss %.4f val %.4f lr %.5f", epoch, loss, acc, scheduler.get_last_lr()[0])
        if acc > best:
            best = acc
            torch.save(net.state_dict(), cfg.ckpt)

    net.load_state_dict(torch.load(cfg.ckpt, map_location=device))
    log.info("test accuracy %.4f", top1(net, loaders["test"], device))
    return best


if __name__ == "__main__":
    main()
