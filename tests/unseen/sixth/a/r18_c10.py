import torch, torchvision, torch.nn as nn, torch.nn.functional as F
from torchvision import transforms as T

torch.manual_seed(1)
dev = 'cuda'
M, S = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
tr_t = T.Compose([T.RandomCrop(32, 4), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(M, S)])
te_t = T.Compose([T.ToTensor(), T.Normalize(M, S)])
tr = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', True, tr_t, download=True),
                                 128, shuffle=True, num_workers=4, pin_memory=True, drop_last=True)
te = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', False, te_t, download=True),
                                 500, num_workers=4, pin_memory=True)

net = torchvision.models.resnet18(weights=None, num_classes=10)
net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
net.maxpool = nn.Identity()
net = net.to(dev)

E = 100
opt = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, E)

for e in range(E):
    net.train()
    s = 0.
    for x, y in tr:
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        l = F.cross_entropy(net(x), y)
        l.backward()
        opt.step()
        opt.zero_grad()
        s = s + l.detach()
    sch.step()
    print(e, (s / len(tr)).item())

net.eval()
ok = 0
with torch.no_grad():
    for x, y in te:
        ok = ok + (net(x.to(dev)).argmax(1) == y.to(dev)).sum()
print('test acc', ok.item() / len(te.dataset))
