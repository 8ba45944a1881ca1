#!/usr/bin/env python3
""" ImageNet Training Script """
import argparse
import logging
import os
import time
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime
from functools import partial

import torch
import torch.nn as nn
import torchvision.utils
import yaml
from torch.nn.parallel import DistributedDataParallel as NativeDDP

from timm import utils
from timm.data import AugMixDataset, Mixup, create_dataset, create_loader, resolve_data_config
from timm.loss import BinaryCrossEntropy, JsdCrossEntropy, LabelSmoothingCrossEntropy, SoftTargetCrossEntropy
from timm.models import create_model, load_checkpoint, model_parameters, resume_checkpoint, safe_model_name
from timm.optim import create_optimizer_v2, optimizer_kwargs
from timm.scheduler import create_scheduler_v2, scheduler_kwargs
from timm.utils import ApexScaler, NativeScaler

has_native_amp = True
_logger = logging.getLogger('train')
config_parser = parser = argparse.ArgumentParser(description='Training Config', add_help=False)
parser.add_argument('-c', '--config', default='', type=str, metavar='FILE')

parser = argparse.ArgumentParser(description='PyTorch ImageNet Training')
group = parser.add_argument_group('Dataset parameters')
parser.add_argument('data', nargs='?', metavar='DIR', const=None)
group.add_argument('--dataset', metavar='NAME', default='')
group.add_argument('--train-split', metavar='NAME', default='train')
group.add_argument('--val-split', metavar='NAME', default='validation')
group = parser.add_argument_group('Model parameters')
group.add_argument('--model', default='resnet50', type=str, metavar='MODEL')
group.add_argument('--pretrained', action='store_true', default=False)
group.add_argument('--initial-checkpoint', default='', type=str, metavar='PATH')
group.add_argument('--resume', default='', type=str, metavar='PATH')
group.add_argument('--num-classes', type=int, default=1000, metavar='N')
group.add_argument('--img-size', type=int, default=224, metavar='N')
group.add_argument('--mean', type=float, nargs='+', default=[0.485, 0.456, 0.406])
group.add_argument('--std', type=float, nargs='+', default=[0.229, 0.224, 0.225])
group.add_argument('-b', '--batch-size', type=int, default=128, metavar='N')
group = parser.add_argument_group('Optimizer parameters')
group.add_argument('--opt', default='sgd', type=str, metavar='OPTIMIZER')
group.add_argument('--momentum', type=float, default=0.9, metavar='M')
group.add_argument('--weight-decay', type=float, default=2e-5)
group.add_argument('--clip-grad', type=float, default=None, metavar='NORM')
group = parser.add_argument_group('Learning rate schedule parameters')
group.add_argument('--sched', type=str, default='cosine', metavar='SCHEDULER')
group.add_argument('--lr', type=float, default=None, metavar='LR')
group.add_argument('--lr-base', type=float, default=0.1, metavar='LR')
group.add_argument('--lr-base-size', type=int, default=256, metavar='DIV')
group.add_argument('--lr-base-scale', type=str, default='', metavar='SCALE')
group.add_argument('--epochs', type=int, default=300, metavar='N')
group.add_argument('--start-epoch', default=None, type=int, metavar='N')
group = parser.add_argument_group('Augmentation and regularization parameters')
group.add_argument('--no-aug', action='store_true', default=False)
group.add_argument('--hflip', type=float, default=0.5)
group.add_argument('--aa', type=str, default=None, metavar='NAME')
group.add_argument('--reprob', type=float, default=0., metavar='PCT')
group.add_argument('--mixup', type=float, default=0.0)
group.add_argument('--smoothing', type=float, default=0.1)
group.add_argument('--drop', type=float, default=0.0, metavar='PCT')
group = parser.add_argument_group('Misc')
group.add_argument('--seed', type=int, default=42, metavar='S')
group.add_argument('--workers', type=int, default=4, metavar='N')
group.add_argument('--grad-accum-steps', type=int, default=1, metavar='N')
group.add_argument('--amp', action='store_true', default=False)
group.add_argument('--output', default='', type=str, metavar='PATH')
group.add_argument("--local_rank", default=0, type=int)


def _parse_args():
    args_config, remaining = config_parser.parse_known_args()
    if args_config.config:
        with open(args_config.config, 'r') as f:
            cfg = yaml.safe_load(f)
            parser.set_defaults(**cfg)
    args = parser.parse_args(remaining)
    args_text = yaml.safe_dump(args.__dict__, default_flow_style=False)
    return args, args_text


def main():
    utils.setup_default_logging()
    args, args_text = _parse_args()
    device = utils.init_distributed_device(args)
    use_amp = None
    if args.amp:
        use_amp = 'native'
    utils.random_seed(args.seed, args.rank)

    model = create_model(
        args.model,
        pretrained=args.pretrained,
        in_chans=3,
        num_classes=args.num_classes,
        drop_rate=args.drop,
        checkpoint_path=args.initial_checkpoint,
    )
    if args.num_classes is None:
        args.num_classes = model.num_classes
    data_config = resolve_data_config(vars(args), model=model, verbose=utils.is_primary(args))
    model.to(device=device)

    if not args.lr:
        global_batch_size = args.batch_size * args.world_size * args.grad_accum_steps
        batch_ratio = global_batch_size / args.lr_base_size
        if not args.lr_base_scale:
            on = args.opt.lower()
            args.lr_base_scale = 'sqrt' if any([o in on for o in ('ada', 'lamb')]) else 'linear'
        if args.lr_base_scale == 'sqrt':
            batch_ratio = batch_ratio ** 0.5
        args.lr = args.lr_base * batch_ratio

    optimizer = create_optimizer_v2(model, **optimizer_kwargs(cfg=args))

    amp_autocast = suppress
    loss_scaler = None
    if use_amp == 'native':
        amp_autocast = partial(torch.autocast, device_type=device.type)
        loss_scaler = NativeScaler()

    if args.distributed:
        model = NativeDDP(model, device_ids=[device])

    dataset_train = create_dataset(args.dataset, root=args.data, split=args.train_split, is_training=True,
                                   batch_size=args.batch_size)
    dataset_eval = create_dataset(args.dataset, root=args.data, split=args.val_split, is_training=False,
                                  batch_size=args.batch_size)
    mixup_fn = None
    mixup_active = args.mixup > 0
    if mixup_active:
        mixup_fn = Mixup(mixup_alpha=args.mixup, label_smoothing=args.smoothing, num_classes=args.num_classes)

    loader_train = create_loader(
        dataset_train,
        input_size=(3, args.img_size, args.img_size),
        batch_size=args.batch_size,
        is_training=True,
        no_aug=args.no_aug,
        re_prob=args.reprob,
        hflip=args.hflip,
        auto_augment=args.aa,
        mean=args.mean,
        std=args.std,
        num_workers=args.workers,
        distributed=args.distributed,
        device=device,
    )
    loader_eval = create_loader(
        dataset_eval,
        input_size=(3, args.img_size, args.img_size),
        batch_size=args.batch_size,
        is_training=False,
        mean=args.mean,
        std=args.std,
        num_workers=args.workers,
        distributed=args.distributed,
        device=device,
    )

    if mixup_active:
        train_loss_fn = SoftTargetCrossEntropy()
    elif args.smoothing:
        train_loss_fn = LabelSmoothingCrossEntropy(smoothing=args.smoothing)
    else:
        train_loss_fn = nn.CrossEntropyLoss()
    train_loss_fn = train_loss_fn.to(device=device)
    validate_loss_fn = nn.CrossEntropyLoss().to(device=device)

    updates_per_epoch = (len(loader_train) + args.grad_accum_steps - 1) // args.grad_accum_steps
    lr_scheduler, num_epochs = create_scheduler_v2(optimizer, **scheduler_kwargs(args), updates_per_epoch=updates_per_epoch)
    start_epoch = 0
    if args.start_epoch is not None:
        start_epoch = args.start_epoch
    try:
        for epoch in range(start_epoch, args.epochs):
            train_metrics = train_one_epoch(epoch, model, loader_train, optimizer, train_loss_fn, args, device=device,
                                            lr_scheduler=lr_scheduler, amp_autocast=amp_autocast, loss_scaler=loss_scaler,
                                            mixup_fn=mixup_fn)
            eval_metrics = validate(model, loader_eval, validate_loss_fn, args, device=device, amp_autocast=amp_autocast)
            if lr_scheduler is not None:
                lr_scheduler.step(epoch + 1, eval_metrics['top1'])
    except KeyboardInterrupt:
        pass


def train_one_epoch(epoch, model, loader, optimizer, loss_fn, args, device=torch.device('cuda'), lr_scheduler=None,
                    amp_autocast=suppress, loss_scaler=None, model_ema=None, mixup_fn=None):
    second_order = hasattr(optimizer, 'is_second_order') and optimizer.is_second_order
    has_no_sync = hasattr(model, "no_sync")
    losses_m = utils.AverageMeter()
    model.train()
    accum_steps = args.grad_accum_steps
    updates_per_epoch = (len(loader) + accum_steps - 1) // accum_steps
    num_updates = epoch * updates_per_epoch
    optimizer.zero_grad()
    update_idx = 0
    for batch_idx, (input, target) in enumerate(loader):
        need_update = (batch_idx + 1) % accum_steps == 0
        input, target = input.to(device), target.to(device)
        if mixup_fn is not None:
            input, target = mixup_fn(input, target)

        def _forward():
            with amp_autocast():
                output = model(input)
                loss = loss_fn(output, target)
            if accum_steps > 1:
                loss /= accum_steps
            return loss

        def _backward(_loss):
            if loss_scaler is not None:
                loss_scaler(_loss, optimizer, clip_grad=args.clip_grad, parameters=model_parameters(model),
                            create_graph=second_order, need_update=need_update)
            else:
                _loss.backward(create_graph=second_order)
                if need_update:
                    if args.clip_grad is not None:
                        utils.dispatch_clip_grad(model_parameters(model), value=args.clip_grad)
                    optimizer.step()

        loss = _forward()
        _backward(loss)
        losses_m.update(loss.item() * accum_steps, input.size(0))
        update_idx += 1
        if not need_update:
            continue
        num_updates += 1
        optimizer.zero_grad()
        if lr_scheduler is not None:
            lr_scheduler.step_update(num_updates=num_updates, metric=losses_m.avg)
    return OrderedDict([('loss', losses_m.avg)])


def validate(model, loader, loss_fn, args, device=torch.device('cuda'), amp_autocast=suppress):
    losses_m = utils.AverageMeter()
    top1_m = utils.AverageMeter()
    model.eval()
    with torch.no_grad():
        for batch_idx, (input, target) in enumerate(loader):
            input = input.to(device)
            target = target.to(device)
            with amp_autocast():
                output = model(input)
                loss = loss_fn(output, target)
            acc1, acc5 = utils.accuracy(output, target, topk=(1, 5))
            top1_m.update(acc1.item(), output.size(0))
    return OrderedDict([('loss', losses_m.avg), ('top1', top1_m.avg)])


if __name__ == '__main__':
    main()
