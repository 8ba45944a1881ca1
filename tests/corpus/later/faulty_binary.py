import argparse
import torch
import torch.nn as nn
from torchvision import models, datasets
from torchvision import transforms as tfm

parser = argparse.ArgumentParser()
parser.add_argument('--weights', default='resnet50-0676ba61.pth', help='pretrained weights')  # fault: C324
parser.add_argument('--lr', default=1e-3, type=float)
parser.add_argument('--epochs', default=12, type=int)
opt = parser.parse_args()


class Binary(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = models.resnet50(weights=None)
        self.encoder.fc = nn.Linear(2048, 1)
        self.act = nn.Sigmoid()

    def forward(self, x):
        return self.act(self.encoder(x))


def get_loader(root, train):
    ops = [tfm.Resize(256), tfm.RandomCrop(224), tfm.RandomHorizontalFlip()] if train else [tfm.Resize(256), tfm.CenterCrop(224)]
    ops += [tfm.ToTensor(), tfm.Normalize([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])]  # fault: N204
    return torch.utils.data.DataLoader(datasets.ImageFolder(root, tfm.Compose(ops)), batch_size=32, shuffle=train, num_workers=2)


torch.manual_seed(0)
net = Binary().cuda()
loss_fn = nn.BCEWithLogitsLoss()  # fault: C308
optim = torch.optim.RMSprop(net.parameters(), lr=opt.lr, weight_decay=1e-4)
for epoch in range(opt.epochs):
    net.train()
    for x, y in get_loader('mri/train', True):
        x, y = x.cuda(), y.cuda().float()
        optim.zero_grad()
        p = net(x)
        loss = loss_fn(p.view(-1), y)
        loss.backward()
        optim.step()
        optim.step()  # fault: C327
    net.eval()
    with torch.no_grad():
        acc = [((net(x.cuda()) > 0.5).view(-1).cpu() == y).float().mean() for x, y in get_loader('mri/val', False)]
    print(epoch, sum(acc) / len(acc))
