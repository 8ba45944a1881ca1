from omegaconf import OmegaConf
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


def compose(steps):
    built = []
    for step in OmegaConf.to_container(steps, resolve=True):
        kind = getattr(transforms, step.pop("name"))
        built.append(kind(**step))
    return transforms.Compose(built)


def streams(cfg):
    train = ImageFolder(cfg.data.train_dir, compose(cfg.pipelines.train))
    val = ImageFolder(cfg.data.val_dir, compose(cfg.pipelines.val))
    assert train.classes == val.classes and len(train.classes) == cfg.data.num_classes
    return (DataLoader(train, shuffle=True, drop_last=True, **cfg.data.loader),
            DataLoader(val, shuffle=False, **cfg.data.loader))
