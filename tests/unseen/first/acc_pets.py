# Sound.
# accelerate launch acc_pets.py
import argparse
import math

import timm
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from lion_pytorch import Lion
from timm.data import create_transform, resolve_data_config
from torch.utils.data import DataLoader
from torchvision.datasets import OxfordIIITPet


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="mobilenetv3_large_100")
    p.add_argument("--root", default="pets")
    p.add_argument("--bs", type=int, default=32)
    p.add_argument("--epochs", type=int, default=12)
    p.add_argument("--lr", type=float, default=3e-5)
    p.add_argument("--wd", type=float, default=0.3)
    p.add_argument("--mixed_precision", default="no", choices=["no", "fp16", "bf16"])
    p.add_argument("--resume", default=None)
    return p.parse_args()


def main():
    args = parse_args()
    acc = Accelerator(mixed_precision=args.mixed_precision)
    set_seed(2023)

    model = timm.create_model(args.model, pretrained=True, num_classes=37)
    conf = resolve_data_config({}, model=model)   # size, mean, std, interpolation of these weights
    acc.print(conf)
    tf_train = create_transform(**conf, is_training=True, auto_augment="rand-m7-mstd0.5")
    tf_eval = create_transform(**conf, is_training=False)

    with acc.main_process_first():
        train_ds = OxfordIIITPet(args.root, split="trainval", transform=tf_train, download=True)
        test_ds = OxfordIIITPet(args.root, split="test", transform=tf_eval, download=True)

    train_dl = DataLoader(train_ds, batch_size=args.bs, shuffle=True, num_workers=4, drop_last=True)
    test_dl = DataLoader(test_ds, batch_size=args.bs * 2, num_workers=4)

    optimizer = Lion(model.parameters(), lr=args.lr, weight_decay=args.wd)
    # an accelerated scheduler advances once per process and step, so the length is
    # that of the loader before prepare()
    total = args.epochs * len(train_dl)
    warm = total // 20
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda k: k / max(1, warm) if k < warm else 0.5 * (1 + math.cos(math.pi * (k - warm) / (total - warm))))

    model, optimizer, train_dl, test_dl, scheduler = acc.prepare(
        model, optimizer, train_dl, test_dl, scheduler)
    first = 0
    if args.resume:
        acc.load_state(args.resume)
        first = int(args.resume.rstrip("/").split("_")[-1]) + 1

    loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=0.05)

    for epoch in range(first, args.epochs):
        model.train()
        for x, y in train_dl:
            with acc.autocast():
                loss = loss_fn(model(x), y)
            acc.backward(loss)
            if acc.sync_gradients:
                acc.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()

        model.eval()
        right = seen = 0
        for x, y in test_dl:
            with torch.no_grad():
                guess = model(x).argmax(dim=-1)
            guess, y = acc.gather_for_metrics((guess, y))
            right += (guess == y).sum().item()
            seen += y.shape[0]
        acc.print(f"epoch {epoch}: {100 * right / seen:.2f}")
        acc.save_state(f"ckpt_{epoch}")


if __name__ == "__main__":
    main()
