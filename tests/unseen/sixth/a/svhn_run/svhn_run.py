import argparse

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Subset
from torchvision import transforms as T
from torchvision.datasets import SVHN

from net import DigitNet
from utils import AverageMeter, batch_accuracy, save

p = argparse.ArgumentParser()
p.add_argument('--root', default='./data')
p.add_argument('--lr', type=float, default=0.05)
p.add_argument('--bs', type=int, default=128)
p.add_argument('--epochs', type=int, default=40)
p.add_argument('--out', default='digitnet.pt')
args = p.parse_args()

torch.manual_seed(7)
dev = 'cuda' if torch.cuda.is_available() else 'cpu'

norm = T.Normalize((0.4377, 0.4438, 0.4728), (0.1980, 0.2010, 0.1970))
tf_a = T.Compose([T.RandomCrop(32, padding=2), T.ColorJitter(0.3, 0.3), T.ToTensor(), norm])
tf_b = T.Compose([T.ToTensor(), norm])

full_a = SVHN(args.root, split='train', transform=tf_a, download=True)
full_b = SVHN(args.root, split='train', transform=tf_b, download=True)
order = torch.randperm(len(full_a)).tolist()
cut = len(order) - 6000
tr = DataLoader(Subset(full_a, order[:cut]), args.bs, shuffle=True, num_workers=4, pin_memory=True)
va = DataLoader(Subset(full_b, order[cut:]), 256, num_workers=4, pin_memory=True)
te = DataLoader(SVHN(args.root, split='test', transform=tf_b, download=True), 256, num_workers=4, pin_memory=True)

net = DigitNet(10).to(dev)
opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=args.epochs)


def train_one(epoch):
    losses = AverageMeter('loss')
    accs = AverageMeter('acc')
    net.train()
    for imgs, labels in tr:
        imgs, labels = imgs.to(dev, non_blocking=True), labels.to(dev, non_blocking=True)
        opt.zero_grad()
        out = net(imgs)
        loss = F.cross_entropy(out, labels)
        loss.backward()
        opt.step()
        losses.update(loss, imgs.size(0))  # fault: C323
        accs.update(batch_accuracy(out, labels), imgs.size(0))
    print(f'[{epoch}] loss {float(losses.avg):.4f} acc {float(accs.avg):.4f}', end=' ')


@torch.no_grad()
def test(loader):
    accs = AverageMeter('acc')
    net.eval()
    for imgs, labels in loader:
        imgs, labels = imgs.to(dev, non_blocking=True), labels.to(dev, non_blocking=True)
        accs.update(batch_accuracy(net(imgs), labels), imgs.size(0))
    return float(accs.avg)


top = 0.
for ep in range(args.epochs):
    train_one(ep)
    sched.step()
    a = test(va)
    print(f'val {a:.4f}')
    if a > top:
        top = a
        save(net, args.out)

net.load_state_dict(torch.load(args.out, map_location=dev)['state_dict'])
print('test', test(te))
