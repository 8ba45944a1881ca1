"""Accelerate: accumulate(), bfloat16 autocast, cutmix or mixup per batch, averaged weights."""
import argparse
import math

import pandas as pd
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset, default_collate
from torchvision.transforms import v2
from timm import create_model


class Table(Dataset):
    def __init__(self, root, split, names, tf):
        df = pd.read_csv(f"{root}/labels.csv").query("split == @split")
        self.rows = [(f"{root}/images/{f}", names.index(c)) for f, c in zip(df.file, df.label)]
        self.tf = tf

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        path, y = self.rows[i]
        return self.tf(Image.open(path).convert("RGB")), y


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="pets")
    p.add_argument("--epochs", type=int, default=90)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--accum", type=int, default=3)
    p.add_argument("--lr", type=float, default=1.5e-3)
    a = p.parse_args()
    set_seed(33)
    accelerator = Accelerator(cpu=True, mixed_precision="bf16", gradient_accumulation_steps=a.accum)

    names = sorted(pd.read_csv(f"{a.root}/labels.csv").label.unique())
    end = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.48] * 3, [0.24] * 3)]
    train = Table(a.root, "train", names, v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(48, 4, padding_mode="reflect"), *end]))
    val = Table(a.root, "valid", names, v2.Compose(end))
    mix = v2.RandomChoice([v2.MixUp(alpha=0.2, num_classes=len(names)), v2.CutMix(alpha=1.0, num_classes=len(names))])
    train_dl = DataLoader(train, a.batch, shuffle=True, drop_last=True, collate_fn=lambda b: mix(*default_collate(b)))
    val_dl = DataLoader(val, 50)

    model = create_model("mobilenetv3_small_050", pretrained=False, num_classes=len(names), drop_rate=0.1)
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    decay = [q for q in model.parameters() if q.ndim > 1]
    plain = [q for q in model.parameters() if q.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}], lr=a.lr)
    total = math.ceil(len(train_dl) / a.accum) * a.epochs
    warm = total // 20
    # rate zero for the very first update
    shape = lambda s: s / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (total - warm)))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, shape)
    model, optimizer, train_dl, val_dl, scheduler = accelerator.prepare(model, optimizer, train_dl, val_dl, scheduler)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(a.epochs):
        model.train()
        seen = total_loss = 0.0
        for x, y in train_dl:
            with accelerator.accumulate(model):
                with accelerator.autocast():
                    out = model(x)
                loss = criterion(out.float(), y)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 2.0)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                averaged.update_parameters(accelerator.unwrap_model(model))
            seen, total_loss = seen + len(x), total_loss + loss.item() * len(x)

        scores = {}
        for name, net in (("plain", model), ("averaged", averaged)):
            net.eval()
            right = 0
            with torch.no_grad():
                for x, y in val_dl:
                    guess, y = accelerator.gather_for_metrics((net(x).argmax(-1), y))
                    right += (guess == y).sum().item()
            scores[name] = right / len(val)
        accelerator.print(f"{epoch:03d} loss {total_loss / seen:.4f} " + " ".join(f"{k} {v:.4f}" for k, v in scores.items()))
    accelerator.save_model(accelerator.unwrap_model(model), "out_bf16")


if __name__ == "__main__":
    main()
