# SVHN from scratch, can be stopped and started again at any time (python svhn_long.py)
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Subset
from torchvision import datasets
from torchvision.transforms import functional as TF

STATE = 'svhn_state.pt'
BEST = 'svhn_best.pt'
EPOCHS = 45
BATCH = 128
LR = 0.05
GAMMA = 0.93
MEAN = (0.4377, 0.4438, 0.4728)
STD = (0.1980, 0.2010, 0.1970)
dev = torch.device('cuda')


def prepare(img):
    t = TF.to_tensor(img)
    for c in range(3):
        t[c] = (t[c] - MEAN[c]) / STD[c]
    return t


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.b1 = nn.BatchNorm2d(64)
        self.c2 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.b2 = nn.BatchNorm2d(128)
        self.c3 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.b3 = nn.BatchNorm2d(256)
        self.c4 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.b4 = nn.BatchNorm2d(256)
        self.out = nn.Linear(256, 10)

    def forward(self, x):
        x = F.relu(self.b1(self.c1(x)))
        x = F.max_pool2d(F.relu(self.b2(self.c2(x))), 2)
        x = F.max_pool2d(F.relu(self.b3(self.c3(x))), 2)
        x = F.relu(self.b4(self.c4(x)))
        x = x.mean(dim=(2, 3))
        return self.out(F.dropout(x, 0.25, self.training))


def score(net, loader):
    net.eval()
    hit = torch.zeros((), device=dev)
    with torch.no_grad():
        for x, y in loader:
            hit += (net(x.to(dev)).argmax(1) == y.to(dev)).sum()
    return hit.item() / len(loader.dataset)


def main():
    torch.manual_seed(4)
    everything = datasets.SVHN('data', split='train', transform=prepare, download=True)
    order = torch.randperm(len(everything), generator=torch.Generator().manual_seed(4)).tolist()
    train = DataLoader(Subset(everything, order[6000:]), BATCH, shuffle=True, num_workers=4)
    val = DataLoader(Subset(everything, order[:6000]), 512, num_workers=4)

    net = DigitNet().to(dev)
    opt = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9, weight_decay=5e-4)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=GAMMA)
    first, best = 0, 0.0

    if os.path.exists(STATE):
        s = torch.load(STATE, map_location='cpu')
        net.load_state_dict(s['net'])
        opt.load_state_dict(s['opt'])
        sched.load_state_dict(s['sched'])
        first, best = s['epoch'] + 1, s['best']
        torch.set_rng_state(s['rng'])
        print('goes on with epoch', first)

    for epoch in range(first, EPOCHS):
        net.train()
        for x, y in train:
            x, y = x.to(dev), y.to(dev)
            opt.zero_grad()
            F.cross_entropy(net(x), y).backward()
            opt.step()
        sched.step()
        acc = score(net, val)
        print('epoch %d  val %.4f  lr %.5f' % (epoch, acc, sched.get_last_lr()[0]))
        if acc > best:
            best = acc
            torch.save(net.state_dict(), BEST)
        torch.save({'net': net.state_dict(), 'opt': opt.state_dict(), 'sched': sched.state_dict(),
                    'epoch': epoch, 'best': best, 'rng': torch.get_rng_state()}, STATE)

    net.load_state_dict(torch.load(BEST, map_location=dev))
    test = datasets.SVHN('data', split='test', transform=prepare, download=True)
    print('test', score(net, DataLoader(test, 512, num_workers=4)))


if __name__ == '__main__':
    main()
