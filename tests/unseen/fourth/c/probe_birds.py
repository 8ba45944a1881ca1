"""Linear probe on DINOv2 features, 200 bird species.

    python probe_birds.py data.root=/data/cub optim.lr=2e-3
"""
from dataclasses import dataclass, field
from typing import List

import hydra
import torch
import torch.nn.functional as F
from hydra.core.config_store import ConfigStore
from hydra.utils import instantiate
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder


@dataclass
class NetConf:
    _target_: str = "timm.create_model"
    model_name: str = "vit_small_patch14_dinov2.lvd142m"
    pretrained: bool = True
    num_classes: int = 200
    img_size: int = 224


@dataclass
class OptimConf:
    _target_: str = "torch.optim.AdamW"
    _partial_: bool = True
    lr: float = 1e-3
    weight_decay: float = 0.01


@dataclass
class ScheduleConf:
    _target_: str = "torch.optim.lr_scheduler.CosineAnnealingLR"
    _partial_: bool = True
    T_max: int = 20


@dataclass
class DataConf:
    root: str = "data/cub"
    batch_size: int = 128
    workers: int = 8
    mean: List[float] = field(default_factory=lambda: [0.485, 0.456, 0.406])
    std: List[float] = field(default_factory=lambda: [0.229, 0.224, 0.225])


@dataclass
class Conf:
    net: NetConf = field(default_factory=NetConf)
    optim: OptimConf = field(default_factory=OptimConf)
    schedule: ScheduleConf = field(default_factory=ScheduleConf)
    data: DataConf = field(default_factory=DataConf)
    epochs: int = 20
    seed: int = 12


ConfigStore.instance().store(name="conf", node=Conf)
BICUBIC = T.InterpolationMode.BICUBIC


def get_loaders(cfg: Conf):
    size = cfg.net.img_size
    normalize = T.Normalize(list(cfg.data.mean), list(cfg.data.std))
    train_tf = T.Compose([
        T.RandomResizedCrop(size, scale=(0.5, 1.0), interpolation=BICUBIC),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        normalize,
    ])
    val_tf = T.Compose([
        T.Resize(256, interpolation=BICUBIC),
        T.CenterCrop(size),
        T.ToTensor(),
        normalize,
    ])
    train = ImageFolder(f"{cfg.data.root}/train", train_tf)
    val = ImageFolder(f"{cfg.data.root}/val", val_tf)
    args = dict(batch_size=cfg.data.batch_size, num_workers=cfg.data.workers, pin_memory=True)
    return DataLoader(train, shuffle=True, drop_last=True, **args), DataLoader(val, **args)


@hydra.main(version_base="1.3", config_path=None, config_name="conf")
def main(cfg: Conf) -> None:
    torch.manual_seed(cfg.seed)
    device = torch.device("cuda")
    train_loader, val_loader = get_loaders(cfg)

    net = instantiate(cfg.net).to(device)
    for p in net.parameters():
        p.requires_grad_(False)
    for p in net.head.parameters():
        p.requires_grad_(True)

    optimizer = instantiate(cfg.optim)(net.head.parameters())
    scheduler = instantiate(cfg.schedule)(optimizer)

    for epoch in range(cfg.epochs):
        net.train()
        running = torch.zeros((), device=device)
        for images, species in train_loader:
            images = images.to(device, non_blocking=True)
            species = species.to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = F.cross_entropy(net(images), species)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += loss.detach()
        scheduler.step()

        net.eval()
        right = torch.zeros((), device=device)
        with torch.inference_mode(), torch.autocast("cuda", dtype=torch.bfloat16):
            for images, species in val_loader:
                guess = net(images.to(device, non_blocking=True)).argmax(dim=1)
                right += (guess == species.to(device, non_blocking=True)).sum()
        print(f"epoch {epoch + 1}/{cfg.epochs}  loss {running.item() / len(train_loader):.4f}  "
              f"val {right.item() / len(val_loader.dataset):.4f}")

    torch.save(net.head.state_dict(), "head.pt")


if __name__ == "__main__":
    main()
