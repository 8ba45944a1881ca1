import sys

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms as T

from records import LmdbImages

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
PATH = "records_lmdb"
MEAN, STD = (0.491, 0.482, 0.447), (0.247, 0.243, 0.262)


def block(cin, cout, stride):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True),
        nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True))


class Net(nn.Module):
    def __init__(self, classes=10, width=32):
        super().__init__()
        self.features = nn.Sequential(block(3, width, 1), block(width, 2 * width, 2), block(2 * width, 4 * width, 2))
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = self.features(x)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.fc(self.drop(x))


augment = T.Compose([T.RandomHorizontalFlip(), T.RandomCrop(40, padding=4)])
train_set = LmdbImages(PATH, "train", augment, MEAN, STD)
val_set = LmdbImages(PATH, "val", None, MEAN, STD)
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
val_loader = DataLoader(val_set, batch_size=100)

torch.manual_seed(3)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS * len(train_loader))

best = 0.0
for epoch in range(EPOCHS):
    net.train()
    running = 0.0
    for images, target in train_loader:
        loss = F.cross_entropy(net(images), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        running += loss.item()
    net.eval()
    correct = 0
    with torch.no_grad():
        for images, target in val_loader:
            correct += (net(images).argmax(1) == target).sum().item()
    acc = correct / len(val_set)
    if acc > best:
        best = acc
        torch.save(net.state_dict(), "lmdb_convnet_best.pt")
    print(f"epoch {epoch:3d} train loss {running / len(train_loader):.4f} val acc {acc:.4f} best {best:.4f}", flush=True)
