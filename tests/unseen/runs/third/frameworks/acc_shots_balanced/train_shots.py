"""One-versus-rest classification of an unbalanced set with a balanced sampler, in bfloat16 where that pays."""
import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader
from transformers import get_cosine_schedule_with_warmup

from shots import Shots


class Scale(nn.Module):
    """Zero to one becomes minus one to one."""

    def forward(self, x):
        return x.mul(2.0).sub(1.0)


def stage(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride=2, padding=1, bias=False),
        nn.GroupNorm(8, cout),
        nn.GELU(),
        nn.Conv2d(cout, cout, 3, padding=1, groups=8, bias=False),
        nn.GroupNorm(8, cout),
        nn.GELU(),
        nn.Conv2d(cout, cout, 1),
        nn.GELU(),
    )


def build(num_classes, widths=(32, 64, 128, 192)):
    layers, cin = [Scale()], 3
    for w in widths:
        layers.append(stage(cin, w))
        cin = w
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(cin, num_classes))
    # start from the prior of one class among several
    nn.init.constant_(net[-1].bias, -float(torch.log(torch.tensor(num_classes - 1.0))))
    return net


class State:
    """What the checkpoints must know besides weights, optimizer and schedule."""

    def __init__(self):
        self.epoch, self.best = 0, 0.0

    def state_dict(self):
        return {"epoch": self.epoch, "best": self.best}

    def load_state_dict(self, d):
        self.epoch, self.best = d["epoch"], d["best"]


@torch.inference_mode()
def validate(net, loader, accelerator, n_classes):
    net.eval()
    hit, count = torch.zeros(n_classes), torch.zeros(n_classes)
    loss, n = 0.0, 0
    for x, target in loader:
        logits = net(x)
        logits, target = accelerator.gather_for_metrics((logits, target))
        loss += F.binary_cross_entropy_with_logits(logits, target, reduction="sum").item()
        truth = target.argmax(1)
        ok = (logits.argmax(1) == truth).float()
        hit.index_add_(0, truth.cpu(), ok.cpu())
        count.index_add_(0, truth.cpu(), torch.ones(len(truth)))
        n += len(truth)
    return loss / n, hit.sum().item() / n, (hit / count.clamp(min=1)).tolist()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="shots")
    ap.add_argument("--epochs", type=int, default=50)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--lr", type=float, default=1.5e-3)
    ap.add_argument("--weight-decay", type=float, default=0.05)
    ap.add_argument("--warmup", type=int, default=60)
    ap.add_argument("--precision", default="no", choices=["no", "bf16"])
    ap.add_argument("--out", default="runs/shots")
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args()

    accelerator = Accelerator(cpu=True, mixed_precision=args.precision, step_scheduler_with_optimizer=True)
    set_seed(99)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    train = Shots(Path(args.root) / "train", train=True)
    valid = Shots(Path(args.root) / "valid", classes=train.classes)
    n_classes = len(train.classes)
    train_loader = DataLoader(train, args.batch_size, sampler=train.sampler(), drop_last=True)
    valid_loader = DataLoader(valid, 50)

    net = build(n_classes)
    decay = [p for p in net.parameters() if p.ndim >= 2]
    rest = [p for p in net.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": args.weight_decay}, {"params": rest, "weight_decay": 0.0}], lr=args.lr
    )
    schedule = get_cosine_schedule_with_warmup(optimizer, args.warmup, len(train_loader) * args.epochs)
    net, optimizer, train_loader, valid_loader, schedule = accelerator.prepare(
        net, optimizer, train_loader, valid_loader, schedule
    )
    state = State()
    accelerator.register_for_checkpointing(state)
    if args.resume and (out / "last").exists():
        accelerator.load_state(str(out / "last"))
        accelerator.print("going on with epoch", state.epoch)

    log = open(out / "log.jsonl", "a")
    while state.epoch < args.epochs:
        net.train()
        running = torch.zeros(())
        for i, (x, target) in enumerate(train_loader):
            with accelerator.autocast():
                logits = net(x)
            # sum over the classes, mean over the pictures
            loss = F.binary_cross_entropy_with_logits(logits.float(), target, reduction="sum") / len(x)
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(net.parameters(), 2.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            running += loss.detach()
        valid_loss, accuracy, recalls = validate(net, valid_loader, accelerator, n_classes)
        row = dict(
            epoch=state.epoch,
            train_loss=float(running) / len(train_loader),
            valid_loss=valid_loss,
            accuracy=accuracy,
            recall=dict(zip(train.classes, recalls)),
            lr=schedule.get_last_lr()[0],
        )
        accelerator.print(json.dumps(row))
        log.write(json.dumps(row) + "\n")
        log.flush()
        state.epoch += 1
        if accuracy > state.best:
            state.best = accuracy
            accelerator.save_model(net, str(out / "best"))
        accelerator.save_state(str(out / "last"))


if __name__ == "__main__":
    main()
