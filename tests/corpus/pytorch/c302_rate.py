import argparse
import torch
import torchvision
from torch import nn, optim
from torchvision import transforms as T

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float,
                    default=10.0)  # fault: C302
parser.add_argument("--epochs", type=int, default=30)
opts = parser.parse_args()
torch.manual_seed(0)
tf = T.Compose([T.Resize((64, 64)), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3)])
tfv = T.Compose([T.Resize((64, 64)), T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3)])
train = torch.utils.data.DataLoader(torchvision.datasets.ImageFolder("a/train", tf), batch_size=32, shuffle=True)
val = torch.utils.data.DataLoader(torchvision.datasets.ImageFolder("a/val", tfv), batch_size=32)
net = torchvision.models.resnet18(num_classes=4).to("cuda")
optimizer = optim.SGD(net.parameters(), lr=opts.lr, momentum=0.9, weight_decay=1e-4)
for e in range(opts.epochs):
    net.train()
    for a, b in train:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(a.to("cuda")), b.to("cuda"))
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        for a, b in val:
            net(a.to("cuda"))
