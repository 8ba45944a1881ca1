"""
ResNet-50 on Places365, all cards of one node:

    torchrun --standalone --nproc_per_node=8 places_ddp.py --data /ssd/places365 --batch-size 128

--batch-size is for each card; --lr belongs to 8 x 128 pictures.
"""
import argparse
import os

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets, models, transforms


def parse():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--data', required=True)
    parser.add_argument('--arch', default='resnet50')
    parser.add_argument('--batch-size', default=128, type=int)
    parser.add_argument('--workers', default=8, type=int)
    parser.add_argument('--epochs', default=90, type=int)
    parser.add_argument('--warmup-epochs', default=5, type=int)
    parser.add_argument('--lr', default=0.4, type=float)
    parser.add_argument('--momentum', default=0.9, type=float)
    parser.add_argument('--weight-decay', '--wd', default=5e-5, type=float)
    parser.add_argument('--resume', default='')
    parser.add_argument('--output', default='places_r50.pth')
    return parser.parse_args()


def main_process():
    return dist.get_rank() == 0


def loaders(args):
    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train_set = datasets.ImageFolder(
        os.path.join(args.data, 'train'),
        transforms.Compose([
            transforms.RandomResizedCrop(224),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            normalize,
        ]))
    val_set = datasets.ImageFolder(
        os.path.join(args.data, 'val'),
        transforms.Compose([
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            normalize,
        ]))
    train_sampler = DistributedSampler(train_set, shuffle=True, drop_last=True)
    val_sampler = DistributedSampler(val_set, shuffle=False)
    train_loader = DataLoader(train_set, batch_size=args.batch_size, sampler=train_sampler, drop_last=True,
                              num_workers=args.workers, pin_memory=True, persistent_workers=True)
    val_loader = DataLoader(val_set, batch_size=args.batch_size, sampler=val_sampler,
                            num_workers=args.workers, pin_memory=True)
    return train_loader, val_loader


def train(loader, model, criterion, optimizer, scheduler, epoch):
    model.train()
    for i, (images, target) in enumerate(loader):
        images = images.cuda(non_blocking=True)
        target = target.cuda(non_blocking=True)

        loss = criterion(model(images), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        scheduler.step()

        if i % 200 == 0 and main_process():
            print(f'  {epoch}:{i}/{len(loader)}  loss {loss.item():.4f}  lr {scheduler.get_last_lr()[0]:.4f}',
                  flush=True)


@torch.no_grad()
def validate(loader, model):
    model.eval()
    count = torch.zeros(3, device='cuda')          # top-1, top-5, pictures
    for images, target in loader:
        images = images.cuda(non_blocking=True)
        target = target.cuda(non_blocking=True)
        top5 = model(images).topk(5, dim=1).indices
        hit = top5.eq(target[:, None])
        count[0] += hit[:, 0].sum()
        count[1] += hit.sum()
        count[2] += target.numel()
    dist.all_reduce(count)
    return (100 * count[:2] / count[2]).tolist()


def main():
    args = parse()
    dist.init_process_group('nccl')
    local_rank = int(os.environ['LOCAL_RANK'])
    torch.cuda.set_device(local_rank)
    torch.backends.cudnn.benchmark = True

    model = getattr(models, args.arch)(weights=None, num_classes=365).cuda()
    model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    model = DistributedDataParallel(model, device_ids=[local_rank])

    train_loader, val_loader = loaders(args)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=args.momentum,
                                weight_decay=args.weight_decay, nesterov=True)
    per_epoch = len(train_loader)
    warm = args.warmup_epochs * per_epoch
    scheduler = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, 1.0, warm),
         torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs * per_epoch - warm)],
        [warm])

    start_epoch = 0
    if args.resume:
        saved = torch.load(args.resume, map_location='cpu')
        model.module.load_state_dict(saved['model'])
        optimizer.load_state_dict(saved['optimizer'])
        scheduler.load_state_dict(saved['scheduler'])
        start_epoch = saved['epoch'] + 1

    for epoch in range(start_epoch, args.epochs):  # fault: C341
        train(train_loader, model, criterion, optimizer, scheduler, epoch)
        top1, top5 = validate(val_loader, model)
        if main_process():
            print(f'epoch {epoch}: top-1 {top1:.2f} top-5 {top5:.2f}', flush=True)
            torch.save({
                'epoch': epoch,
                'model': model.module.state_dict(),
                'optimizer': optimizer.state_dict(),
                'scheduler': scheduler.state_dict(),
            }, args.output)

    dist.destroy_process_group()


if __name__ == '__main__':
    main()
