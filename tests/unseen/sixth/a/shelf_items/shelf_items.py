"""Fine-tune a timm model on the shelf pictures. Settings: conf/config.yaml."""
import logging

import hydra
import timm
import torch
from omegaconf import DictConfig, OmegaConf
from timm.optim import create_optimizer_v2
from torch import nn

from data import get_loader

log = logging.getLogger(__name__)


@torch.inference_mode()
def evaluate(model, loader, device):
    model.eval()
    correct = torch.zeros((), device=device)
    total = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        correct += (model(x).argmax(1) == y).sum()
        total += y.numel()
    return correct.item() / total


def train_epoch(model, loader, criterion, optimizer, device):
    model.train()
    loss_sum = torch.zeros((), device=device)
    total = 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = criterion(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss_sum += loss.detach() * y.numel()
        total += y.numel()
    return loss_sum.item() / total


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    log.info("\n%s", OmegaConf.to_yaml(cfg))
    torch.manual_seed(cfg.seed)
    device = torch.device("cuda")

    train, val, test = (get_loader(cfg.data, part) for part in ("train", "val", "test"))
    model = timm.create_model(cfg.model.name, pretrained=True, num_classes=cfg.data.num_classes,
                              drop_path_rate=cfg.model.drop_path).to(device)
    # biases and norm layers are left out of the decay by timm
    optimizer = create_optimizer_v2(model, opt=cfg.optim.opt, lr=cfg.optim.lr, weight_decay=cfg.optim.weight_decay)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg.train.epochs)
    criterion = nn.CrossEntropyLoss(label_smoothing=cfg.train.smoothing)

    best = 0.0
    for epoch in range(cfg.train.epochs):
        loss = train_epoch(model, train, criterion, optimizer, device)
        scheduler.step()
        acc = evaluate(model, val, device)
        log.info("epoch %d loss %.4f val %.4f", epoch, loss, acc)
        if acc > best:
            best = acc
            torch.save(model.state_dict(), "best.pt")

    model.load_state_dict(torch.load("best.pt", map_location=device))
    log.info("test %.4f", evaluate(model, test, device))


if __name__ == "__main__":
    main()
