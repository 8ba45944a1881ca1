# torchrun --standalone --nproc_per_node=8 in100_multi.py --data /scratch/imagenet100
import argparse
import os
import time

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Subset
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets, models, transforms

parser = argparse.ArgumentParser()
parser.add_argument('--data', required=True)
parser.add_argument('--epochs', default=90, type=int)
parser.add_argument('-b', '--batch-size', default=64, type=int, help='per GPU')
parser.add_argument('--lr', default=0.2, type=float, help='for 8 GPUs x 64')
parser.add_argument('--resume', default='', help='checkpoint to go on from')
parser.add_argument('--out', default='in100_r50.pth.tar')


def setup():
    dist.init_process_group('nccl')
    local = int(os.environ['LOCAL_RANK'])
    torch.cuda.set_device(local)
    return local, dist.get_rank(), dist.get_world_size()


def build_data(args, rank, world):
    normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train = datasets.ImageFolder(os.path.join(args.data, 'train'), transforms.Compose([
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normalize]))
    val = datasets.ImageFolder(os.path.join(args.data, 'val'), transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        normalize]))
    assert train.classes == val.classes and len(train.classes) == 100

    sampler = DistributedSampler(train, num_replicas=world, rank=rank, shuffle=True, drop_last=True)
    train_loader = DataLoader(train, batch_size=args.batch_size, sampler=sampler, num_workers=8,
                              pin_memory=True, persistent_workers=True, drop_last=True)
    # every rank takes its share of the validation pictures, none twice
    mine = Subset(val, range(rank, len(val), world))
    val_loader = DataLoader(mine, batch_size=128, num_workers=4, pin_memory=True, persistent_workers=True)
    return train_loader, val_loader


def validate(model, loader):
    model.eval()
    stat = torch.zeros(2, device='cuda')
    with torch.no_grad():
        for images, target in loader:
            out = model(images.cuda(non_blocking=True))
            stat[0] += (out.argmax(1) == target.cuda(non_blocking=True)).sum()
            stat[1] += target.numel()
    dist.all_reduce(stat)
    return (stat[0] / stat[1]).item()


def main():
    args = parser.parse_args()
    local, rank, world = setup()
    torch.manual_seed(42)
    torch.backends.cudnn.benchmark = True
    train_loader, val_loader = build_data(args, rank, world)

    net = models.resnet50(weights=None, num_classes=100).cuda()
    net = torch.nn.SyncBatchNorm.convert_sync_batchnorm(net)
    net = DistributedDataParallel(net, device_ids=[local])

    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[30, 60, 80], gamma=0.1)

    first = 0
    if args.resume:
        ckpt = torch.load(args.resume, map_location=f'cuda:{local}')
        net.module.load_state_dict(ckpt['net'])
        optimizer.load_state_dict(ckpt['optimizer'])
        scheduler.load_state_dict(ckpt['scheduler'])
        first = ckpt['epoch'] + 1

    for epoch in range(first, args.epochs):  # fault: C341
        net.train()
        start = time.time()
        for it, (images, target) in enumerate(train_loader):
            images = images.cuda(non_blocking=True)
            target = target.cuda(non_blocking=True)
            loss = F.cross_entropy(net(images), target)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if rank == 0 and it % 100 == 0:
                print(f'epoch {epoch} [{it}/{len(train_loader)}] loss {loss.item():.4f} '
                      f'lr {scheduler.get_last_lr()[0]:.4f}', flush=True)
        scheduler.step()
        top1 = validate(net, val_loader)
        if rank == 0:
            print(f'epoch {epoch} val top1 {100 * top1:.2f} ({time.time() - start:.0f}s)', flush=True)
            torch.save({'net': net.module.state_dict(), 'optimizer': optimizer.state_dict(),
                        'scheduler': scheduler.state_dict(), 'epoch': epoch}, args.out)
    dist.destroy_process_group()


if __name__ == '__main__':
    main()
