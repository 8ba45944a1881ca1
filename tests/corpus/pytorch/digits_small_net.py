import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

BATCH = 64
EPOCHS = 12
LR = 0.01


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(9216, 10)

    def forward(self, x):
        x = self.features(x).flatten(1)
        return F.log_softmax(self.out(self.drop(x)), dim=-1)


torch.manual_seed(0)
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train_dl = DataLoader(datasets.MNIST("data", train=True, download=True, transform=tf), BATCH, shuffle=True)
test_dl = DataLoader(datasets.MNIST("data", train=False, transform=tf), batch_size=1000)

dev = "cuda" if torch.cuda.is_available() else "cpu"
net = Net().to(dev)
opt = optim.SGD(net.parameters(), lr=LR, momentum=0.5)

for epoch in range(1, EPOCHS + 1):
    net.train()
    for x, y in train_dl:
        x, y = x.to(dev), y.to(dev)
        opt.zero_grad()
        loss = F.nll_loss(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in test_dl:
            hits += (net(x.to(dev)).argmax(1).cpu() == y).sum().item()
    print(epoch, hits / len(test_dl.dataset))
