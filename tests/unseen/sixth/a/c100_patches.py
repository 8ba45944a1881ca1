# small transformer on cifar100, my training script from the resnet homework
import sys
import time
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
import torchvision
import torchvision.transforms as tt

device = torch.device("cuda:0")
torch.backends.cudnn.benchmark = True
torch.manual_seed(0)

BATCH = 128
EPOCHS = 200
CLASSES = 100

mean, std = (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)
t_train = tt.Compose([tt.RandomCrop(32, padding=4), tt.RandomHorizontalFlip(), tt.ToTensor(), tt.Normalize(mean, std)])
t_test = tt.Compose([tt.ToTensor(), tt.Normalize(mean, std)])

trainset = torchvision.datasets.CIFAR100("data", train=True, download=True, transform=t_train)
testset = torchvision.datasets.CIFAR100("data", train=False, download=True, transform=t_test)
trainloader = DataLoader(trainset, batch_size=BATCH, shuffle=True, num_workers=4, pin_memory=True)
testloader = DataLoader(testset, batch_size=256, shuffle=False, num_workers=4, pin_memory=True)


class TinyViT(nn.Module):
    def __init__(self, image=32, patch=4, dim=192, depth=9, heads=6, classes=100):
        super().__init__()
        n = (image // patch) ** 2
        self.embed = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos = nn.Parameter(torch.randn(1, n + 1, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, heads, dim_feedforward=dim * 4, dropout=0.1,
                                           activation="gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, depth)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.size(0), -1, -1), x], dim=1) + self.pos
        x = self.blocks(x)
        return self.head(self.norm(x[:, 0]))


net = TinyViT(classes=CLASSES).to(device)
print(sum(p.numel() for p in net.parameters()) / 1e6, "M params")

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)  # fault: C344
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)


def train(epoch):
    net.train()
    t0 = time.time()
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    total = 0
    for inputs, targets in trainloader:
        inputs, targets = inputs.to(device, non_blocking=True), targets.to(device, non_blocking=True)
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * targets.size(0)
        correct += (outputs.detach().argmax(1) == targets).sum()
        total += targets.size(0)
    print("epoch %d  loss %.3f  acc %.2f%%  %.0fs" % (
        epoch, loss_sum.item() / total, 100. * correct.item() / total, time.time() - t0))
    sys.stdout.flush()


def test():
    net.eval()
    correct = torch.zeros((), device=device)
    total = 0
    with torch.no_grad():
        for inputs, targets in testloader:
            inputs, targets = inputs.to(device, non_blocking=True), targets.to(device, non_blocking=True)
            correct += (net(inputs).argmax(1) == targets).sum()
            total += targets.size(0)
    return 100. * correct.item() / total


for ep in range(EPOCHS):
    train(ep)
    scheduler.step()

print("final test accuracy %.2f" % test())
torch.save(net.state_dict(), "tinyvit_c100.pth")
