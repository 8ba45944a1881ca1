# Sound.
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms


def conv3(i, o, s=1):
    return nn.Conv2d(i, o, 3, stride=s, padding=1, bias=False)


class Block(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.c1, self.b1 = conv3(i, o, s), nn.BatchNorm2d(o)
        self.c2, self.b2 = conv3(o, o), nn.BatchNorm2d(o)
        self.short = nn.Identity()
        if s != 1 or i != o:
            self.short = nn.Sequential(nn.Conv2d(i, o, 1, stride=s, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        h = F.relu(self.b1(self.c1(x)))
        h = self.b2(self.c2(h))
        return F.relu(h + self.short(x))


class ResNetC(nn.Module):
    """3 stages x n blocks, 16/32/64 planes (He et al. section 4.2)"""

    def __init__(self, n=9, classes=10):
        super().__init__()
        self.stem = nn.Sequential(conv3(3, 16), nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        layers, i = [], 16
        for stage, o in enumerate((16, 32, 64)):
            for k in range(n):
                layers.append(Block(i, o, 2 if stage > 0 and k == 0 else 1))
                i = o
        self.body = nn.Sequential(*layers)
        self.fc = nn.Linear(64, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode='fan_out', nonlinearity='relu')

    def forward(self, x):
        x = self.body(self.stem(x))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.fc(x)


class Trainer:
    def __init__(self, net, lr=0.1, epochs=200, ckpt='ckpt/cifar_resnet56.pth'):
        self.dev = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.net = net.to(self.dev)
        self.epochs = epochs
        self.ckpt = ckpt
        self.opt = torch.optim.SGD(self.net.parameters(), lr=lr, momentum=0.9, weight_decay=1e-4)
        self.sched = torch.optim.lr_scheduler.MultiStepLR(self.opt, [100, 150], gamma=0.1)
        self.crit = nn.CrossEntropyLoss()

    def _update(self, loss):
        # one place for everything that touches the optimizer
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()

    def _to(self, *ts):
        return [t.to(self.dev, non_blocking=True) for t in ts]

    def fit(self, train_dl, val_dl):
        top = 0
        for ep in range(1, self.epochs + 1):
            self.net.train()
            running, n = 0.0, 0
            for batch in train_dl:
                x, y = self._to(*batch)
                loss = self.crit(self.net(x), y)
                self._update(loss)
                running += loss.item() * y.size(0)
                n += y.size(0)
            self.sched.step()
            acc = self.evaluate(val_dl)
            print('ep %3d | lr %.4f | loss %.4f | acc %.2f%%'
                  % (ep, self.opt.param_groups[0]['lr'], running / n, 100 * acc))
            if acc > top:
                top = acc
                os.makedirs(os.path.dirname(self.ckpt), exist_ok=True)
                torch.save({'net': self.net.state_dict(), 'acc': acc, 'epoch': ep}, self.ckpt)
        return top

    def evaluate(self, dl):
        self.net.eval()
        hit, n = 0, 0
        with torch.no_grad():
            for batch in dl:
                x, y = self._to(*batch)
                hit += self.net(x).argmax(dim=1).eq(y).sum().item()
                n += y.size(0)
        return hit / n


def data(bs=128):
    mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
    aug = transforms.Compose([
        transforms.RandomCrop(32, padding=4),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ])
    plain = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
    tr = torchvision.datasets.CIFAR10('data', train=True, download=True, transform=aug)
    te = torchvision.datasets.CIFAR10('data', train=False, download=True, transform=plain)
    mk = torch.utils.data.DataLoader
    return (mk(tr, batch_size=bs, shuffle=True, num_workers=4, pin_memory=True),
            mk(te, batch_size=500, shuffle=False, num_workers=4, pin_memory=True))


if __name__ == '__main__':
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    train_dl, test_dl = data()
    best = Trainer(ResNetC(n=9)).fit(train_dl, test_dl)
    print('best test accuracy', best)
