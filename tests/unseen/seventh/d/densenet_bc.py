# DenseNet-BC (k=12, L=100) on CIFAR-10, pytorch 0.2 / python 2.7
import os
import sys
import math
import time
import shutil

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.backends.cudnn as cudnn
from torch.autograd import Variable
import torchvision.datasets as dset
import torchvision.transforms as transforms

BATCH = 64
N_EPOCHS = 300
BASE_LR = 0.1
SAVE = sys.argv[1] if len(sys.argv) > 1 else 'work/densenet'


class Bottleneck(nn.Module):
    def __init__(self, nin, growth):
        super(Bottleneck, self).__init__()
        mid = 4 * growth
        self.bn1 = nn.BatchNorm2d(nin)
        self.c1 = nn.Conv2d(nin, mid, kernel_size=1, bias=False)
        self.bn2 = nn.BatchNorm2d(mid)
        self.c2 = nn.Conv2d(mid, growth, kernel_size=3, padding=1, bias=False)

    def forward(self, x):
        out = self.c1(F.relu(self.bn1(x)))
        out = self.c2(F.relu(self.bn2(out)))
        return torch.cat((x, out), 1)


class Shrink(nn.Module):
    def __init__(self, nin, nout):
        super(Shrink, self).__init__()
        self.bn = nn.BatchNorm2d(nin)
        self.c = nn.Conv2d(nin, nout, kernel_size=1, bias=False)

    def forward(self, x):
        return F.avg_pool2d(self.c(F.relu(self.bn(x))), 2)


class Dense(nn.Module):
    def __init__(self, growth=12, depth=100, theta=0.5, ncls=10):
        super(Dense, self).__init__()
        per_block = (depth - 4) // 6
        n = 2 * growth
        layers = [nn.Conv2d(3, n, kernel_size=3, padding=1, bias=False)]
        for b in xrange(3):
            for _ in xrange(per_block):
                layers.append(Bottleneck(n, growth))
                n += growth
            if b < 2:
                m = int(math.floor(n * theta))
                layers.append(Shrink(n, m))
                n = m
        layers.append(nn.BatchNorm2d(n))
        self.body = nn.Sequential(*layers)
        self.fc = nn.Linear(n, ncls)
        for mod in self.modules():
            if isinstance(mod, nn.Conv2d):
                k = mod.kernel_size[0] * mod.kernel_size[1] * mod.out_channels
                mod.weight.data.normal_(0, math.sqrt(2. / k))
            elif isinstance(mod, nn.BatchNorm2d):
                mod.weight.data.fill_(1)
                mod.bias.data.zero_()
            elif isinstance(mod, nn.Linear):
                mod.bias.data.zero_()

    def forward(self, x):
        h = F.relu(self.body(x))
        h = F.avg_pool2d(h, 8)
        return self.fc(h.view(h.size(0), -1))


def set_lr(opt, epoch):
    lr = BASE_LR
    if epoch > 0.75 * N_EPOCHS:
        lr = BASE_LR * 0.01
    elif epoch > 0.5 * N_EPOCHS:
        lr = BASE_LR * 0.1
    for g in opt.param_groups:
        g['lr'] = lr
    return lr


def train(epoch, net, loader, optimizer, log):
    net.train()
    seen = 0
    for i, (data, target) in enumerate(loader):
        data = Variable(data.cuda())
        target = Variable(target.cuda(async=True))
        output = net(data)
        loss = F.cross_entropy(output, target)
        loss.backward()
        optimizer.zero_grad()  # fault: C327
        optimizer.step()
        seen += len(data)
        if i % 100 == 0:
            pred = output.data.max(1)[1]
            err = 100. * pred.ne(target.data).cpu().sum() / len(data)
            print 'epoch %d [%d/%d]  loss %.4f  err %.2f' % (
                epoch, seen, len(loader.dataset), loss.data[0], err)
            log.write('%d,%d,%.5f,%.3f\n' % (epoch, i, loss.data[0], err))
            log.flush()


def test(epoch, net, loader, log):
    net.eval()
    total, wrong = 0., 0
    for data, target in loader:
        data = Variable(data.cuda(), volatile=True)
        target = Variable(target.cuda(async=True), volatile=True)
        output = net(data)
        total += F.cross_entropy(output, target, size_average=False).data[0]
        wrong += output.data.max(1)[1].ne(target.data).cpu().sum()
    n = len(loader.dataset)
    print '  test: loss %.4f, %d/%d wrong (%.2f%%)' % (total / n, wrong, n, 100. * wrong / n)
    log.write('%d,%.5f,%.3f\n' % (epoch, total / n, 100. * wrong / n))
    log.flush()


def main():
    torch.manual_seed(1)
    torch.cuda.manual_seed(1)
    cudnn.benchmark = True
    if os.path.exists(SAVE):
        shutil.rmtree(SAVE)
    os.makedirs(SAVE)

    norm = transforms.Normalize(mean=[0.4914, 0.4824, 0.4467], std=[0.2471, 0.2435, 0.2616])
    tr = transforms.Compose([transforms.RandomCrop(32, padding=4),
                             transforms.RandomHorizontalFlip(),
                             transforms.ToTensor(), norm])
    te = transforms.Compose([transforms.ToTensor(), norm])
    kw = {'num_workers': 2, 'pin_memory': True}
    train_loader = torch.utils.data.DataLoader(
        dset.CIFAR10('cifar', train=True, download=True, transform=tr),
        batch_size=BATCH, shuffle=True, **kw)
    test_loader = torch.utils.data.DataLoader(
        dset.CIFAR10('cifar', train=False, download=True, transform=te),
        batch_size=BATCH, shuffle=False, **kw)

    net = Dense().cuda()
    print '  + params: %d' % sum([p.data.nelement() for p in net.parameters()])
    optimizer = torch.optim.SGD(net.parameters(), lr=BASE_LR, momentum=0.9,
                                nesterov=True, weight_decay=1e-4)
    f_train = open(os.path.join(SAVE, 'train.csv'), 'w')
    f_test = open(os.path.join(SAVE, 'test.csv'), 'w')
    for epoch in xrange(1, N_EPOCHS + 1):
        t0 = time.time()
        print '-- lr', set_lr(optimizer, epoch)
        train(epoch, net, train_loader, optimizer, f_train)
        test(epoch, net, test_loader, f_test)
        torch.save(net.state_dict(), os.path.join(SAVE, 'latest.pth'))
        print '  %.1f s' % (time.time() - t0)
    f_train.close()
    f_test.close()


if __name__ == '__main__':
    main()
