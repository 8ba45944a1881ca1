import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms
from torchvision.models import resnet18

OPTIONS = [
    ('data', './data', 'folder of CIFAR-10'),
    ('epochs', 60, 'passes over the training pictures'),
    ('batch-size', 128, 'pictures in a batch'),
    ('lr', 0.1, 'learning rate at the start'),
    ('momentum', 0.9, 'of SGD'),
    ('weight-decay', 5e-4, 'of SGD'),
    ('seed', 8, 'random seed'),
    ('workers', 4, 'processes of a loader'),
]

parser = argparse.ArgumentParser(description='ResNet-18 on CIFAR-10')
for name, default, text in OPTIONS:
    parser.add_argument('--' + name, type=type(default), default=default, help=text + ' [%(default)s]')
args = parser.parse_args()

torch.manual_seed(args.seed)
device = torch.device('cuda')

mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
crop_flip = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]
to_input = [transforms.ToTensor(), transforms.Normalize(mean, std)]
train_all = datasets.CIFAR10(args.data, train=True, download=True, transform=transforms.Compose(crop_flip + to_input))
plain_all = datasets.CIFAR10(args.data, train=True, transform=transforms.Compose(to_input))
test_set = datasets.CIFAR10(args.data, train=False, transform=transforms.Compose(to_input))

index = torch.randperm(50000, generator=torch.Generator().manual_seed(args.seed)).tolist()
train_loader = DataLoader(Subset(train_all, index[:45000]), args.batch_size, shuffle=True,
                          num_workers=args.workers, pin_memory=True, drop_last=True)
val_loader = DataLoader(Subset(plain_all, index[45000:]), 500, num_workers=args.workers)
test_loader = DataLoader(test_set, 500, num_workers=args.workers)

net = resnet18(weights=None, num_classes=10)
net.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
net.maxpool = nn.Identity()
net = net.to(device)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum,
                            weight_decay=args.weight_decay, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)


def accuracy(loader):
    net.eval()
    hits = torch.zeros((), device=device)
    with torch.no_grad():
        for x, y in loader:
            hits += net(x.to(device)).argmax(1).eq(y.to(device)).sum()
    return 100 * hits.item() / len(loader.dataset)


for epoch in range(args.epochs):
    net.train()
    for x, y in train_loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()
    scheduler.step()
    print('epoch %d  val %.2f' % (epoch + 1, accuracy(val_loader)))

print('test %.2f' % accuracy(test_loader))
