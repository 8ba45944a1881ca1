'''
Two peers on CIFAR-10 with 20 % wrong labels. Each peer picks the samples that look clean to it
(small loss) and the other one learns from them.
'''
import argparse
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float, default=0.05)
parser.add_argument('--n_epoch', type=int, default=120)
parser.add_argument('--noise_rate', type=float, default=0.2)
parser.add_argument('--num_gradual', type=int, default=10, help='epochs until the full share is dropped')
parser.add_argument('--batch_size', type=int, default=128)
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--data', type=str, default='./data')
args = parser.parse_args()

random.seed(args.seed)
np.random.seed(args.seed)
torch.manual_seed(args.seed)
device = 'cuda'

norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
train_set = torchvision.datasets.CIFAR10(args.data, train=True, download=True, transform=transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    norm,
]))
test_set = torchvision.datasets.CIFAR10(args.data, train=False, transform=transforms.Compose([transforms.ToTensor(), norm]))

# symmetric label noise, for the experiment
rng = np.random.RandomState(args.seed)
labels = np.array(train_set.targets)
flip = rng.rand(len(labels)) < args.noise_rate
labels[flip] = (labels[flip] + rng.randint(1, 10, flip.sum())) % 10
train_set.targets = labels.tolist()

train_loader = torch.utils.data.DataLoader(train_set, batch_size=args.batch_size, shuffle=True, drop_last=True, num_workers=4)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=500, shuffle=False, num_workers=4)


class Peer(nn.Module):
    def __init__(self, n_out=10):
        super(Peer, self).__init__()
        layers = []
        cin = 3
        for cout, pool in ((64, False), (64, True), (128, False), (128, True), (256, False), (256, False)):
            layers += [nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.LeakyReLU(0.01)]
            if pool:
                layers += [nn.MaxPool2d(2), nn.Dropout2d(0.1)]
            cin = cout
        self.conv = nn.Sequential(*layers)
        self.out = nn.Linear(cin, n_out)

    def forward(self, x):
        h = self.conv(x)
        return self.out(F.adaptive_avg_pool2d(h, 1).flatten(1))


def select(logits, y, keep):
    """indices of the samples with the smallest loss"""
    with torch.no_grad():
        order = F.cross_entropy(logits, y, reduction='none').argsort()
    return order[:int(keep * len(order))]


def accuracy(net):
    net.eval()
    ok = 0
    with torch.no_grad():
        for x, y in test_loader:
            ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
    return 100. * ok / len(test_set)


peers = [Peer().to(device) for _ in range(2)]
optims = [torch.optim.SGD(peers[0].parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4) for p in peers]  # fault: C313
scheds = [torch.optim.lr_scheduler.MultiStepLR(o, [60, 90], gamma=0.1) for o in optims]

history = []
for epoch in range(args.n_epoch):
    keep = 1 - args.noise_rate * min(1.0, epoch / args.num_gradual)
    for p in peers:
        p.train()
    for x, y in train_loader:
        x, y = x.to(device), y.to(device)
        out = [p(x) for p in peers]
        clean = [select(o, y, keep) for o in out]
        loss_a = F.cross_entropy(out[0][clean[1]], y[clean[1]])
        loss_b = F.cross_entropy(out[1][clean[0]], y[clean[0]])
        for o in optims:
            o.zero_grad()
        (loss_a + loss_b).backward()
        for o in optims:
            o.step()
    for s in scheds:
        s.step()
    acc = [accuracy(p) for p in peers]
    history.append(acc)
    print('epoch %d keep %.2f loss %.3f / %.3f test %.2f / %.2f' % (epoch, keep, loss_a.item(), loss_b.item(), acc[0], acc[1]))

print('mean of the last ten epochs:', np.mean(history[-10:], axis=0))
