# torchrun --standalone --nproc_per_node=8 landmarks_ddp.py
import os, random
import numpy as np
import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import datasets, models, transforms

DATA = '/nfs/landmarks'
CLASSES = 520
PER_GPU = 64
EPOCHS = 35
BASE_LR = 0.1        # 512 pictures over 8 GPUs
WD = 1e-4
SEED = 0

# TRAIN_DIR = '/nfs/landmarks_small/train'   # 调试用
TRAIN_DIR = os.path.join(DATA, 'train')
VALID_DIR = os.path.join(DATA, 'valid')


def setup():
    dist.init_process_group(backend='nccl')
    local = int(os.environ['LOCAL_RANK'])
    torch.cuda.set_device(local)
    s = SEED + dist.get_rank()
    random.seed(s); np.random.seed(s); torch.manual_seed(s)
    return dist.get_rank(), local


def get_data():
    norm = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train = datasets.ImageFolder(TRAIN_DIR, transforms.Compose([
        transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm]))
    valid = datasets.ImageFolder(VALID_DIR, transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm]))
    assert train.classes == valid.classes and len(train.classes) == CLASSES
    train_sampler = DistributedSampler(train, shuffle=True, seed=SEED)
    valid_sampler = DistributedSampler(valid, shuffle=False)
    train_loader = DataLoader(train, batch_size=PER_GPU, sampler=train_sampler, num_workers=8, pin_memory=True, drop_last=True)
    valid_loader = DataLoader(valid, batch_size=PER_GPU, sampler=valid_sampler, num_workers=8, pin_memory=True)
    return train_loader, valid_loader, train_sampler, valid_sampler


def main():
    rank, local = setup()
    device = torch.device('cuda', local)
    train_loader, valid_loader, train_sampler, valid_sampler = get_data()

    # 从头训练
    model = models.resnet50(weights=None, num_classes=CLASSES).to(device)
    model = DDP(model, device_ids=[local])
    criterion = nn.CrossEntropyLoss().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=BASE_LR, momentum=0.9, weight_decay=WD)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)

    best = 0.0
    for epoch in range(EPOCHS):
        valid_sampler.set_epoch(epoch)  # fault: C341
        model.train()
        stat = torch.zeros(2, device=device)
        for x, y in train_loader:
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            stat[0] += loss.detach() * y.size(0)
            stat[1] += y.size(0)
        scheduler.step()
        dist.all_reduce(stat)

        model.eval()
        hit = torch.zeros(2, device=device)
        with torch.no_grad():
            for x, y in valid_loader:
                y = y.to(device, non_blocking=True)
                hit[0] += (model(x.to(device, non_blocking=True)).argmax(1) == y).sum()
                hit[1] += y.size(0)
        dist.all_reduce(hit)
        acc = (hit[0] / hit[1]).item()
        if rank == 0:
            print('epoch %d  loss %.4f  acc %.4f  lr %g' % (epoch, (stat[0] / stat[1]).item(), acc, optimizer.param_groups[0]['lr']), flush=True)
            if acc > best:
                best = acc
                torch.save(model.module.state_dict(), 'landmarks_r50.pth')
    dist.destroy_process_group()


if __name__ == '__main__':
    main()
