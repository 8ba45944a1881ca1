"""Fine-tuning of a ViT on photos of cats and dogs.

    python pets_vit.py -c pets.yaml --data /data/pets

Everything in the yaml file can be given on the command line too, which wins.
"""
import argparse
import os
import time

import torch
import torch.nn as nn
import yaml
from timm import create_model
from timm.optim import create_optimizer
from timm.scheduler import create_scheduler
from timm.utils import AverageMeter, accuracy, random_seed

from data import make_loaders

config_parser = argparse.ArgumentParser(add_help=False)
config_parser.add_argument('-c', '--config', default='pets.yaml', metavar='FILE')

parser = argparse.ArgumentParser('pets', parents=[config_parser])
parser.add_argument('--data', default='/data/pets')
parser.add_argument('--out', default='runs/pets')
parser.add_argument('--workers', type=int, default=8)
parser.add_argument('--seed', type=int, default=0)

group = parser.add_argument_group('model')
group.add_argument('--model', default='vit_small_patch16_224')
group.add_argument('--nb-classes', type=int, default=1000)
group.add_argument('--img-size', type=int, default=224)
group.add_argument('--drop-path', type=float, default=0.0)

group = parser.add_argument_group('optimizer and schedule')
group.add_argument('--opt', default='adamw')
group.add_argument('--momentum', type=float, default=0.9)
group.add_argument('--sched', default='cosine')
for flag, kind, value in [
    ('--batch-size', int, 32),
    ('--epochs', int, 30),
    ('--lr', float, 1e-4),
    ('--weight-decay', float, 0.01),
    ('--warmup-epochs', int, 0),
    ('--cooldown-epochs', int, 0),
    ('--warmup-lr', float, 1e-7),
    ('--min-lr', float, 1e-7),
    ('--clip-grad', float, 1.0),
]:
    group.add_argument(flag, type=kind, default=value)

group = parser.add_argument_group('augmentation')
group.add_argument('--aa', default=None)
group.add_argument('--reprob', type=float, default=0.0)
group.add_argument('--smoothing', type=float, default=0.0)


def parse_args():
    first, rest = config_parser.parse_known_args()
    if first.config:
        with open(first.config) as f:
            parser.set_defaults(**yaml.safe_load(f))
    return parser.parse_args(rest)


def train_epoch(model, loader, criterion, optimizer, scaler, device, args):
    model.train()
    total = torch.zeros((), device=device)
    seen = 0
    for images, labels in loader:
        images = images.to(device, non_blocking=True)
        labels = labels.to(device, non_blocking=True)
        with torch.cuda.amp.autocast():
            loss = criterion(model(images), labels)
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), args.clip_grad)
        scaler.step(optimizer)
        scaler.update()
        total += loss.detach() * labels.size(0)
        seen += labels.size(0)
    return (total / seen).item()


@torch.no_grad()
def validate(model, loader, device):
    model.eval()
    top1 = AverageMeter()
    top5 = AverageMeter()
    for images, labels in loader:
        images = images.to(device, non_blocking=True)
        labels = labels.to(device, non_blocking=True)
        with torch.cuda.amp.autocast():
            logits = model(images)
        a1, a5 = accuracy(logits, labels, topk=(1, 5))
        top1.update(a1, labels.size(0))
        top5.update(a5, labels.size(0))
    return top1.avg.item(), top5.avg.item()


def main():
    args = parse_args()
    random_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    device = torch.device('cuda')

    train_loader, val_loader = make_loaders(args)
    model = create_model(args.model, pretrained=True, num_classes=args.nb_classes,
                         drop_path_rate=args.drop_path)
    model.to(device)

    optimizer = create_optimizer(args, model)
    scheduler, num_epochs = create_scheduler(args, optimizer)
    criterion = nn.CrossEntropyLoss(label_smoothing=args.smoothing)
    scaler = torch.cuda.amp.GradScaler()

    best = 0.0
    for epoch in range(num_epochs):
        start = time.time()
        loss = train_epoch(model, train_loader, criterion, optimizer, scaler, device, args)
        scheduler.step(epoch + 1)
        top1, top5 = validate(model, val_loader, device)
        print(f'{epoch:3d}  loss {loss:.4f}  top1 {top1:.2f}  top5 {top5:.2f}  {time.time() - start:.0f}s')
        if top1 > best:
            best = top1
            torch.save({'model': model.state_dict(), 'args': vars(args), 'epoch': epoch},
                       os.path.join(args.out, 'best.pth'))
    print('best on val:', best)


if __name__ == '__main__':
    main()
