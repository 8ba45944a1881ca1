"""ConvNeXt-Tiny (ImageNet-22k weights) on Oxford Flowers 102, with mixup/cutmix and an averaged model.

The averaged weights are what is validated, kept and tested.
"""
import copy
import math

import timm
import torch
import torch.nn as nn
from timm.data import Mixup
from timm.loss import SoftTargetCrossEntropy
from timm.optim.optim_factory import param_groups_weight_decay
from timm.utils import ModelEmaV2
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import Flowers102

CFG = {
    "model": "convnext_tiny.fb_in22k",
    "classes": 102,
    "epochs": 50,
    "warmup_epochs": 3,
    "batch": 32,
    "lr": 1e-4,
    "wd": 0.05,
    "drop_path": 0.1,
    "ema": 0.99,
    "seed": 1234,
}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BICUBIC = T.InterpolationMode.BICUBIC


def build_loaders():
    train_tf = T.Compose([
        T.RandomResizedCrop(224, scale=(0.35, 1.0), interpolation=BICUBIC),
        T.RandomHorizontalFlip(),
        T.ColorJitter(0.3, 0.3, 0.3),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    eval_tf = T.Compose([T.Resize(256, interpolation=BICUBIC), T.CenterCrop(224), T.ToTensor(), T.Normalize(MEAN, STD)])
    sets = {
        split: Flowers102("data", split=split, download=True, transform=train_tf if split == "train" else eval_tf)
        for split in ("train", "val", "test")
    }
    return {
        split: DataLoader(
            ds,
            batch_size=CFG["batch"],
            shuffle=split == "train",
            drop_last=split == "train",      # mixup wants an even number
            num_workers=6,
            pin_memory=True,
        )
        for split, ds in sets.items()
    }


@torch.no_grad()
def accuracy(net, loader, device):
    net.eval()
    good = torch.zeros((), device=device)
    for x, y in loader:
        good += (net(x.to(device)).argmax(1) == y.to(device)).sum()
    return good.item() / len(loader.dataset)


def main():
    torch.manual_seed(CFG["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loaders = build_loaders()

    model = timm.create_model(CFG["model"], pretrained=True, num_classes=CFG["classes"], drop_path_rate=CFG["drop_path"])
    model.to(device)
    ema = ModelEmaV2(model, decay=CFG["ema"])

    mixup = Mixup(mixup_alpha=0.2, cutmix_alpha=1.0, label_smoothing=0.1, num_classes=CFG["classes"])
    criterion = SoftTargetCrossEntropy()
    # no decay for biases, norms and layer scale
    optimizer = torch.optim.AdamW(param_groups_weight_decay(model, CFG["wd"]), lr=CFG["lr"])

    per_epoch = len(loaders["train"])
    warm, total = CFG["warmup_epochs"] * per_epoch, CFG["epochs"] * per_epoch
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: (s + 1) / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (total - warm))),
    )

    best_acc, best_state = 0.0, None
    for epoch in range(1, CFG["epochs"] + 1):
        model.train()
        loss_sum = torch.zeros((), device=device)
        for x, y in loaders["train"]:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            x, soft = mixup(x, y)
            loss = criterion(model(x), soft)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            ema.update(model)
            loss_sum += loss.detach()

        val_acc = accuracy(ema.module, loaders["val"], device)
        print(f"epoch {epoch}: train loss {loss_sum.item() / per_epoch:.4f}, val acc (ema) {val_acc:.4f}")
        if val_acc > best_acc:
            best_acc = val_acc
            best_state = copy.deepcopy(ema.module.state_dict())

    ema.module.load_state_dict(best_state)
    print(f"best val {best_acc:.4f}; test {accuracy(ema.module, loaders['test'], device):.4f}")
    torch.save(best_state, "convnext_tiny_flowers.pt")


if __name__ == "__main__":
    main()
