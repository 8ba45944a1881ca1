# mushrooms, 9 genera. run: python kfold_mushrooms.py > log.txt
import os
import numpy as np
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms, models
from torchvision.datasets import ImageFolder
from torch.utils.data import DataLoader, Subset
from sklearn.model_selection import StratifiedKFold

DATA = 'mushrooms/Mushrooms'
device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
lr = 1e-4
bs = 32
n_epochs = 10
k = 5
torch.manual_seed(17)
np.random.seed(17)

aug = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.5, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.ColorJitter(brightness=0.2, contrast=0.2),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
plain = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
ds_aug = ImageFolder(DATA, transform=aug)
ds_plain = ImageFolder(DATA, transform=plain)
targets = np.array(ds_aug.targets)
assert len(ds_aug.classes) == 9


def make_net():
    net = models.densenet121(weights='IMAGENET1K_V1')
    net.classifier = nn.Linear(net.classifier.in_features, 9)
    return net.to(device)


net = make_net()
print('parameters: %.1fM' % (sum(p.numel() for p in net.parameters()) / 1e6))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=lr, weight_decay=1e-5)  # fault: C313


def train_epoch(loader):
    net.train()
    s = torch.zeros((), device=device)
    for xb, yb in loader:
        xb, yb = xb.to(device, non_blocking=True), yb.to(device, non_blocking=True)
        net.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        optimizer.step()
        s += loss.detach()
    return (s / len(loader)).item()


def test_epoch(loader):
    net.eval()
    c = torch.zeros((), device=device)
    n = 0
    with torch.no_grad():
        for xb, yb in loader:
            xb, yb = xb.to(device, non_blocking=True), yb.to(device, non_blocking=True)
            c += (net(xb).argmax(dim=1) == yb).sum()
            n += yb.shape[0]
    return (c / n).item()


scores = []
skf = StratifiedKFold(n_splits=k, shuffle=True, random_state=17)
for fold, (tr, va) in enumerate(skf.split(np.zeros(len(targets)), targets)):
    print('---- fold', fold, len(tr), len(va))
    train_loader = DataLoader(Subset(ds_aug, tr), batch_size=bs, shuffle=True, num_workers=4, pin_memory=True)
    valid_loader = DataLoader(Subset(ds_plain, va), batch_size=64, shuffle=False, num_workers=4, pin_memory=True)
    net = make_net()
    for epoch in range(n_epochs):
        tl = train_epoch(train_loader)
        acc = test_epoch(valid_loader)
        print('fold %d epoch %d loss %.4f acc %.4f' % (fold, epoch, tl, acc))
    scores.append(acc)
    torch.save(net.state_dict(), 'mushroom_%d.pth' % fold)

print('mean acc %.4f +- %.4f' % (np.mean(scores), np.std(scores)))
