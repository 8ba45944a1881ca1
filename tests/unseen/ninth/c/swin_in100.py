#!/usr/bin/env python
"""Swin-T from scratch on a hundred classes of ImageNet, one machine with one big card.  timm 0.6.x

    python swin_in100.py /data/imagenet100 --output out/swin
"""
import argparse
import json
import os
import time
from pathlib import Path

import torch
from timm.data import Mixup, create_transform
from timm.data.constants import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from timm.loss import SoftTargetCrossEntropy
from timm.models import create_model
from timm.optim import create_optimizer
from timm.scheduler import create_scheduler
from timm.utils import NativeScaler, accuracy
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder


def model_parser():
    p = argparse.ArgumentParser(add_help=False)
    p.add_argument('--model', default='swin_tiny_patch4_window7_224', type=str)
    p.add_argument('--nb-classes', default=100, type=int)
    p.add_argument('--input-size', default=224, type=int)
    p.add_argument('--drop-path', default=0.2, type=float)
    return p


def optim_parser():
    p = argparse.ArgumentParser(add_help=False)
    p.add_argument('--opt', default='adamw', type=str)
    p.add_argument('--opt-eps', default=1e-8, type=float)
    p.add_argument('--opt-betas', default=[0.9, 0.999], type=float, nargs='+')
    p.add_argument('--sched', default='cosine', type=str)
    numbers = [
        ('lr', 5e-4), ('momentum', 0.9), ('weight-decay', 0.05), ('clip-grad', 5.0),
        ('warmup-lr', 5e-7), ('min-lr', 5e-6), ('decay-rate', 0.1),
    ]
    for name, default in numbers:
        p.add_argument(f'--{name}', type=float, default=default)
    for name, default in (('epochs', 300), ('warmup-epochs', 20), ('cooldown-epochs', 0), ('decay-epochs', 30)):
        p.add_argument(f'--{name}', type=int, default=default)
    return p


def augment_parser():
    p = argparse.ArgumentParser(add_help=False)
    p.add_argument('--aa', default='rand-m9-mstd0.5-inc1')
    p.add_argument('--mixup', default=0.8, type=float)
    p.add_argument('--cutmix', default=1.0, type=float)
    p.add_argument('--smoothing', default=0.1, type=float)
    p.add_argument('--reprob', default=0.25, type=float)
    return p


def get_args():
    p = argparse.ArgumentParser('swin on imagenet-100',
                                parents=[model_parser(), optim_parser(), augment_parser()])
    p.add_argument('data', metavar='DIR')
    p.add_argument('--batch-size', default=512, type=int)
    p.add_argument('--workers', default=16, type=int)
    p.add_argument('--seed', default=0, type=int)
    p.add_argument('--output', default='output')
    return p.parse_args()


def get_loaders(args):
    stats = dict(mean=IMAGENET_DEFAULT_MEAN, std=IMAGENET_DEFAULT_STD)
    train_tf = create_transform(args.input_size, is_training=True, auto_augment=args.aa,
                                interpolation='bicubic', re_prob=args.reprob, re_mode='pixel', **stats)
    val_tf = create_transform(args.input_size, is_training=False, interpolation='bicubic',
                              crop_pct=0.9, **stats)
    train_set = ImageFolder(os.path.join(args.data, 'train'), train_tf)
    val_set = ImageFolder(os.path.join(args.data, 'val'), val_tf)
    kw = dict(batch_size=args.batch_size, num_workers=args.workers, pin_memory=True)
    # Mixup wants an even number of pictures, so the last batch goes
    return (DataLoader(train_set, shuffle=True, drop_last=True, **kw),
            DataLoader(val_set, shuffle=False, **kw))


def train_one_epoch(model, loader, mixup, criterion, optimizer, loss_scaler, args):
    model.train()
    running = torch.zeros((), device='cuda')
    for images, target in loader:
        images = images.cuda(non_blocking=True)
        target = target.cuda(non_blocking=True)
        images, target = mixup(images, target)
        with torch.cuda.amp.autocast():
            loss = criterion(model(images), target)
        optimizer.zero_grad()
        loss_scaler(loss, optimizer, clip_grad=args.clip_grad, parameters=model.parameters())
        running += loss.detach()
    # every batch has the same size here
    return running.item() / len(loader)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    ce = nn.CrossEntropyLoss(reduction='sum')
    loss = torch.zeros((), device='cuda')
    hits = torch.zeros((), device='cuda')
    for images, target in loader:
        images, target = images.cuda(non_blocking=True), target.cuda(non_blocking=True)
        with torch.cuda.amp.autocast():
            out = model(images)
        loss += ce(out.float(), target)
        hits += accuracy(out, target)[0] * target.numel() / 100.0
    n = len(loader.dataset)
    return {'val_loss': loss.item() / n, 'val_top1': 100.0 * hits.item() / n}


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    out = Path(args.output)
    out.mkdir(parents=True, exist_ok=True)

    train_loader, val_loader = get_loaders(args)
    mixup = Mixup(mixup_alpha=args.mixup, cutmix_alpha=args.cutmix, prob=1.0, switch_prob=0.5,
                  label_smoothing=args.smoothing, num_classes=args.nb_classes)
    model = create_model(args.model, pretrained=False, num_classes=args.nb_classes,
                         drop_path_rate=args.drop_path).cuda()

    optimizer = create_optimizer(args, model)   # leaves biases, norms and position tables undecayed
    scheduler, _ = create_scheduler(args, optimizer)
    loss_scaler = NativeScaler()
    criterion = SoftTargetCrossEntropy()

    for epoch in range(args.epochs):
        t0 = time.time()
        train_loss = train_one_epoch(model, train_loader, mixup, criterion, optimizer, loss_scaler, args)
        scheduler.step(epoch + 1)
        log = {'epoch': epoch, 'train_loss': train_loss, 'seconds': time.time() - t0}
        if epoch % 5 == 4 or epoch == args.epochs - 1:
            log.update(evaluate(model, val_loader))
            torch.save({'model': model.state_dict(), 'optimizer': optimizer.state_dict(),
                        'scheduler': scheduler.state_dict(), 'scaler': loss_scaler.state_dict(),
                        'epoch': epoch, 'args': args}, out / 'last.pth')
        with (out / 'log.txt').open('a') as f:
            f.write(json.dumps(log) + '\n')


if __name__ == '__main__':
    main()
