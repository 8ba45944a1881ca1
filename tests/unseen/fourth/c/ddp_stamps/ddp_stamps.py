"""torchrun --nproc_per_node=4 ddp_stamps.py [overrides]"""
import logging
import os

import hydra
import torch
import torch.distributed as dist
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

log = logging.getLogger(__name__)


def make_loaders(cfg: DictConfig):
    train_tf = instantiate(cfg.data.train_transform, _convert_="all")
    val_tf = instantiate(cfg.data.val_transform, _convert_="all")
    train_set = ImageFolder(os.path.join(cfg.data.root, "train"), train_tf)
    val_set = ImageFolder(os.path.join(cfg.data.root, "val"), val_tf)
    kw = dict(num_workers=cfg.data.workers, pin_memory=True)
    train_loader = DataLoader(train_set, batch_size=cfg.data.batch_size, shuffle=True, drop_last=True, **kw)  # fault: C341
    # looked at on the first process only
    val_loader = DataLoader(val_set, batch_size=2 * cfg.data.batch_size, shuffle=False, **kw)
    return train_loader, val_loader


@torch.inference_mode()
def evaluate(net: nn.Module, loader: DataLoader, device: torch.device) -> float:
    net.eval()
    right, seen = torch.zeros((), device=device), 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        right += (net(x).argmax(1) == y).sum()
        seen += y.numel()
    return right.item() / seen


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    dist.init_process_group("nccl")
    rank = dist.get_rank()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(device)
    torch.manual_seed(cfg.seed + rank)
    if rank == 0:
        log.info("\n%s", OmegaConf.to_yaml(cfg))

    train_loader, val_loader = make_loaders(cfg)

    net = instantiate(cfg.model)
    net.fc = nn.Linear(net.fc.in_features, cfg.data.num_classes)
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net).to(device)
    model = DistributedDataParallel(net, device_ids=[device.index])

    optimizer = instantiate(cfg.optim)(model.parameters())
    scheduler = instantiate(cfg.schedule)(optimizer)
    criterion = nn.CrossEntropyLoss()

    best = 0.0
    for epoch in range(cfg.epochs):
        model.train()
        total = torch.zeros((), device=device)
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        scheduler.step()

        if rank == 0:
            acc = evaluate(model.module, val_loader, device)
            log.info("epoch %d  loss %.4f  val %.4f", epoch, total.item() / len(train_loader), acc)
            if acc > best:
                best = acc
                torch.save(model.module.state_dict(), "best.pt")
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
