# blood cell patches 32x32, all in one hdf5 (groups train / test: 'x' uint8 N,32,32,3 and 'y' int64)
import sys
import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import Dataset, DataLoader
import torchvision.transforms as tf

H5 = sys.argv[1] if len(sys.argv) > 1 else 'cells32.h5'
BS, EPOCHS, LR, WD = 128, 120, 0.1, 5e-4
ALPHA = 0.2
NUM_CLASSES = 8
m, s = (0.7943, 0.6597, 0.6962), (0.2156, 0.2416, 0.1179)   # measured on the train group, in 0..1
torch.backends.cudnn.benchmark = True
dev = 'cuda'


class H5Cells(Dataset):
    def __init__(self, group, transform):
        self.group, self.transform, self.f = group, transform, None
        with h5py.File(H5, 'r') as f:
            self.n = len(f[group]['y'])
            self.y = f[group]['y'][:]

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if self.f is None:           # one handle for each worker
            self.f = h5py.File(H5, 'r')
        img = Image.fromarray(self.f[self.group]['x'][i])
        return self.transform(img), int(self.y[i])


class Basic(nn.Module):
    def __init__(self, cin, cout, stride, p):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.c1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.c2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.p = p
        self.short = nn.Conv2d(cin, cout, 1, stride, bias=False) if stride != 1 or cin != cout else None

    def forward(self, x):
        h = F.relu(self.bn1(x))
        skip = x if self.short is None else self.short(h)
        h = self.c1(h)
        h = F.dropout(F.relu(self.bn2(h)), self.p, training=self.training)
        return self.c2(h) + skip


class WideNet(nn.Module):
    def __init__(self, depth=16, k=4, p=0.1, classes=NUM_CLASSES):
        super().__init__()
        n = (depth - 4) // 6
        w = [16, 16 * k, 32 * k, 64 * k]
        self.stem = nn.Conv2d(3, w[0], 3, 1, 1, bias=False)
        blocks = []
        for g in range(3):
            for b in range(n):
                blocks.append(Basic(w[g] if b == 0 else w[g + 1], w[g + 1], 2 if g > 0 and b == 0 else 1, p))
        self.blocks = nn.Sequential(*blocks)
        self.bn = nn.BatchNorm2d(w[3])
        self.fc = nn.Linear(w[3], classes)
        for mod in self.modules():
            if isinstance(mod, nn.Conv2d):
                nn.init.kaiming_normal_(mod.weight, mode='fan_out', nonlinearity='relu')

    def forward(self, x):
        x = F.relu(self.bn(self.blocks(self.stem(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


tr_tf = tf.Compose([tf.RandomCrop(32, padding=4, padding_mode='reflect'), tf.RandomHorizontalFlip(),
                    tf.RandomVerticalFlip(), tf.ToTensor(), tf.Normalize(m, s)])
te_tf = tf.Compose([tf.ToTensor(), tf.Normalize(m, s)])


def run():
    train_dl = DataLoader(H5Cells('train', tr_tf), BS, shuffle=True, num_workers=4, pin_memory=True, drop_last=True)
    test_dl = DataLoader(H5Cells('test', te_tf), 512, shuffle=False, num_workers=4, pin_memory=True)
    net = WideNet().to(dev)
    opt = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9, weight_decay=WD, nesterov=True)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=[60, 90, 110], gamma=0.2)
    for ep in range(EPOCHS):
        net.train()
        tot = torch.zeros((), device=dev)
        for x, y in train_dl:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            lam = float(np.random.beta(ALPHA, ALPHA))
            perm = torch.randperm(x.size(0), device=dev)
            out = net(lam * x + (1 - lam) * x[perm])
            loss = lam * F.cross_entropy(out, y) + (1 - lam) * F.cross_entropy(out, y[perm])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.detach()
        sched.step()
        print(ep, 'loss %.4f' % (tot / len(train_dl)).item(), 'lr', sched.get_last_lr()[0])

    # the test group is looked at once, after the last epoch
    net.eval()
    ok, n = torch.zeros((), device=dev), 0
    with torch.no_grad():
        for x, y in test_dl:
            ok += (net(x.to(dev)).argmax(1) == y.to(dev)).sum()
            n += len(y)
    print('test acc %.4f' % (ok / n).item())
    torch.save(net.state_dict(), 'wrn_cells.pt')


if __name__ == '__main__':
    run()
