import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class SmallNet(nn.Module):
    def __init__(self, n):
        super(SmallNet, self).__init__()
        self.c1 = nn.Conv2d(3, 32, 3, padding=1)
        self.b1 = nn.BatchNorm2d(32)
        self.c2 = nn.Conv2d(32, 64, 3, padding=1)
        self.b2 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(64 * 8 * 8, n)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.b1(self.c1(x))), 2)
        x = F.max_pool2d(F.relu(self.b2(self.c2(x))), 2)
        x = self.fc(x.view(x.size(0), -1))
        return F.softmax(x, dim=1)  # fault: C307


def main():
    torch.manual_seed(3)
    tf = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    tv = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    tl = DataLoader(datasets.CIFAR10("d", train=True, transform=tf, download=True), batch_size=100, shuffle=True)
    vl = DataLoader(datasets.CIFAR10("d", train=False, transform=tv), batch_size=100)
    device = torch.device("cuda:0")
    net = SmallNet(10)
    net.to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001, weight_decay=1e-5)
    for epoch in range(40):
        net.train()
        for i, data in enumerate(tl, 0):
            inputs, labels = data[0].to(device), data[1].to(device)
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            for data in vl:
                images, labels = data[0].to(device), data[1].to(device)
                _, predicted = torch.max(net(images).data, 1)


if __name__ == "__main__":
    main()
