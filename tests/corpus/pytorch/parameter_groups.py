import argparse
import torch
import torchvision
from torch import nn
from torchvision import transforms


class FineGrained(nn.Module):
    """A pretrained trunk with a head of two layers."""

    def __init__(self, classes):
        super().__init__()
        trunk = torchvision.models.resnet50(weights=torchvision.models.ResNet50_Weights.DEFAULT)
        trunk.fc = nn.Identity()
        self.trunk = trunk
        self.head = nn.Sequential(nn.Linear(2048, 512), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(512, classes))

    def forward(self, x):
        return self.head(self.trunk(x))


def parse():
    ap = argparse.ArgumentParser()
    ap.add_argument('--epochs', type=int, default=50)
    ap.add_argument('--bs', type=int, default=24)
    return ap.parse_args()


def main():
    a = parse()
    torch.manual_seed(8)
    norm = transforms.Normalize([.485, .456, .406], [.229, .224, .225])
    tr = transforms.Compose([transforms.Resize(512), transforms.RandomCrop(448), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    te = transforms.Compose([transforms.Resize(512), transforms.CenterCrop(448), transforms.ToTensor(), norm])
    dl = torch.utils.data.DataLoader(torchvision.datasets.ImageFolder('cub/train', tr), a.bs, shuffle=True)
    dv = torch.utils.data.DataLoader(torchvision.datasets.ImageFolder('cub/test', te), a.bs)
    net = FineGrained(200).cuda()
    optimizer = torch.optim.SGD([
        {'params': net.trunk.parameters()},
        {'params': net.head.parameters(), 'lr': 1e-2},
    ], lr=1e-3, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.1)
    ce = nn.CrossEntropyLoss()
    for ep in range(a.epochs):
        net.train()
        for xs, ys in dl:
            xs, ys = xs.cuda(), ys.cuda()
            l = ce(net(xs), ys)
            optimizer.zero_grad()
            l.backward()
            optimizer.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            print(ep, sum((net(x.cuda()).argmax(1).cpu() == y).sum().item() for x, y in dv))


main()
