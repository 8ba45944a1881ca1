# CIFAR-10, small VGG with batch norm.
# tested with Python 3.6 and PyTorch 0.3.1
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable
from torch.optim.lr_scheduler import MultiStepLR
from torch.utils.data import DataLoader
from torch.utils.data.sampler import SubsetRandomSampler
from torchvision import datasets, transforms

ROOT = sys.argv[1] if len(sys.argv) > 1 else '/tmp/cifar10'
N_EPOCH = 150
BATCH = 128
LR = 0.05
SEED = 99
use_cuda = torch.cuda.is_available()

torch.manual_seed(SEED)
np.random.seed(SEED)
if use_cuda:
    torch.cuda.manual_seed(SEED)


class VGGsmall(nn.Module):
    layout = [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 'M']

    def __init__(self, num_classes=10):
        super(VGGsmall, self).__init__()
        layers, c_in = [], 3
        for v in self.layout:
            if v == 'M':
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(c_in, v, 3, padding=1, bias=False),
                           nn.BatchNorm2d(v), nn.ReLU(inplace=True)]
                c_in = v
        self.features = nn.Sequential(*layers)
        self.fc1 = nn.Linear(512 * 2 * 2, 512)
        self.fc2 = nn.Linear(512, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal(m.weight.data)

    def forward(self, x):
        x = self.features(x)
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.fc1(x)), p=0.5, training=self.training)
        return self.fc2(x)


normalize = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
augment = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    normalize])
plain = transforms.Compose([transforms.ToTensor(), normalize])

# the same 50000 pictures twice, with and without augmentation; 45000 / 5000
train_set = datasets.CIFAR10(ROOT, train=True, download=True, transform=augment)
val_set = datasets.CIFAR10(ROOT, train=True, transform=plain)
test_set = datasets.CIFAR10(ROOT, train=False, transform=plain)
perm = np.random.permutation(len(train_set)).tolist()
kw = dict(batch_size=BATCH, num_workers=4, pin_memory=use_cuda)
train_loader = DataLoader(train_set, sampler=SubsetRandomSampler(perm[5000:]), **kw)
val_loader = DataLoader(val_set, sampler=SubsetRandomSampler(perm[:5000]), **kw)
test_loader = DataLoader(test_set, shuffle=False, **kw)

net = VGGsmall()
if use_cuda:
    net.cuda()
optimizer = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9, weight_decay=5e-4)
scheduler = MultiStepLR(optimizer, milestones=[75, 120], gamma=0.1)


def wrap(x, y, volatile=False):
    if use_cuda:
        x, y = x.cuda(async=True), y.cuda(async=True)
    return Variable(x, volatile=volatile), Variable(y, volatile=volatile)


def run_epoch():
    net.train()
    total, seen = 0.0, 0
    for x, y in train_loader:
        x, y = wrap(x, y)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.data[0] * x.size(0)
        seen += x.size(0)
    return total / seen


def evaluate(loader):
    net.eval()
    hits, seen = 0, 0
    for x, y in loader:
        x, y = wrap(x, y, volatile=True)
        pred = net(x).data.max(1)[1]
        hits += pred.eq(y.data).cpu().sum()
        seen += x.size(0)
    return 100.0 * hits / seen


best = 0.0
for epoch in range(N_EPOCH):
    t0 = time.time()
    scheduler.step()   # sets the rate of this epoch
    loss = run_epoch()
    acc = evaluate(val_loader)
    print('%3d  lr %.4f  loss %.4f  val %.2f%%  %.0fs' % (
        epoch, optimizer.param_groups[0]['lr'], loss, acc, time.time() - t0))
    if acc > best:
        best = acc
        torch.save(net.state_dict(), 'vgg_best.pth')

net.load_state_dict(torch.load('vgg_best.pth'))
print('test: %.2f%%' % evaluate(test_loader))
