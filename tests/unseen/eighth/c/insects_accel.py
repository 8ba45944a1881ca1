"""accelerate launch --mixed_precision fp16 insects_accel.py --data /data/insects"""
import argparse
import math
from functools import partial
from pathlib import Path

import timm
import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration, set_seed
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, create_transform
from timm.optim.optim_factory import param_groups_weight_decay
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from tqdm.auto import tqdm

stats = dict(mean=IMAGENET_DEFAULT_MEAN, std=IMAGENET_DEFAULT_STD)
make_tf = partial(create_transform, input_size=224, interpolation="bicubic", crop_pct=0.875, **stats)


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", type=Path, required=True, help="has train/ and val/")
    ap.add_argument("--arch", default="convnext_tiny.fb_in22k")
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--bs", type=int, default=32)
    ap.add_argument("--grad-accum", type=int, default=4)
    ap.add_argument("--lr", type=float, default=2e-4)
    ap.add_argument("--wd", type=float, default=0.05)
    ap.add_argument("--max-norm", type=float, default=1.0)
    ap.add_argument("--seed", type=int, default=777)
    ap.add_argument("--resume", default=None)
    return ap.parse_args()


def main():
    a = parse()
    accelerator = Accelerator(
        gradient_accumulation_steps=a.grad_accum,
        project_config=ProjectConfiguration(project_dir="runs/insects", automatic_checkpoint_naming=True, total_limit=2),
    )
    set_seed(a.seed)

    train_ds = ImageFolder(a.data / "train", make_tf(is_training=True, auto_augment="rand-m7-mstd0.5-inc1", re_prob=0.1))
    val_ds = ImageFolder(a.data / "val", make_tf(is_training=False))
    assert train_ds.class_to_idx == val_ds.class_to_idx
    train_dl = DataLoader(train_ds, batch_size=a.bs, shuffle=True, drop_last=True, num_workers=8)
    val_dl = DataLoader(val_ds, batch_size=a.bs * 2, num_workers=8)

    with accelerator.main_process_first():
        model = timm.create_model(a.arch, pretrained=True, num_classes=len(train_ds.classes), drop_path_rate=0.1)

    groups = param_groups_weight_decay(model, weight_decay=a.wd)
    optimizer = torch.optim.AdamW(groups, lr=a.lr)
    updates = a.epochs * math.ceil(len(train_dl) / a.grad_accum)
    # counted before prepare(): the wrapped schedule advances once for every process
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates, eta_min=1e-6)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)

    model, optimizer, train_dl, val_dl, scheduler = accelerator.prepare(model, optimizer, train_dl, val_dl, scheduler)
    first = 0
    if a.resume:
        accelerator.load_state(a.resume)
        first = int(a.resume.rstrip("/").rsplit("_", 1)[-1]) + 1
        accelerator.project_configuration.iteration = first

    for epoch in range(first, a.epochs):
        model.train()
        bar = tqdm(train_dl, disable=not accelerator.is_local_main_process, desc=f"epoch {epoch}")
        for images, labels in bar:
            with accelerator.accumulate(model):
                loss = criterion(model(images), labels)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), a.max_norm)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
            bar.set_postfix(loss=f"{loss.item():.3f}")

        model.eval()
        correct = seen = 0
        for images, labels in val_dl:
            with torch.no_grad():
                guess = model(images).argmax(-1)
            guess, labels = accelerator.gather_for_metrics((guess, labels))
            correct += (guess == labels).sum().item()
            seen += labels.numel()
        accelerator.print(f"epoch {epoch}: val acc {correct / seen:.4f}")
        accelerator.save_state()

    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        torch.save(accelerator.unwrap_model(model).state_dict(), "insects_convnext.pt")


if __name__ == "__main__":
    main()
