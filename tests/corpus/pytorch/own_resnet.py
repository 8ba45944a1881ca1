from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR100
from torchvision.transforms import v2

EPOCHS, BATCH, MAX_LR = 24, 512, 0.4


class Block(nn.Module):
    def __init__(self, cin: int, cout: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(True),
                                  nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout))
        self.skip = nn.Identity() if stride == 1 and cin == cout else nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.skip(x))


class ResNet9(nn.Module):
    def __init__(self, classes: int = 100) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(True))
        self.stages = nn.Sequential(Block(64, 128, 2), Block(128, 256, 2), Block(256, 512, 2))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.stages(self.stem(x)))


def loaders() -> tuple[DataLoader, DataLoader]:
    stats = dict(mean=[0.507, 0.487, 0.441], std=[0.267, 0.256, 0.276])
    train = v2.Compose([v2.ToImage(), v2.RandomCrop(32, padding=4, padding_mode="reflect"), v2.RandomHorizontalFlip(),
                        v2.ToDtype(torch.float32, scale=True), v2.Normalize(**stats)])
    test = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(**stats)])
    return (DataLoader(CIFAR100("data", True, train, download=True), BATCH, shuffle=True, num_workers=4, drop_last=True),
            DataLoader(CIFAR100("data", False, test), BATCH * 2))


def main() -> None:
    torch.manual_seed(6)
    device = torch.device("cuda")
    train_dl, test_dl = loaders()
    net = ResNet9().to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), lr=MAX_LR, momentum=0.9, weight_decay=5e-4, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, MAX_LR, epochs=EPOCHS, steps_per_epoch=len(train_dl))
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
    for _ in range(EPOCHS):
        net.train()
        for images, labels in train_dl:
            logits = net(images.to(device, non_blocking=True))
            loss = loss_fn(logits, labels.to(device, non_blocking=True))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
        net.eval()
        with torch.no_grad():
            right = sum(int((net(x.to(device)).argmax(1).cpu() == y).sum()) for x, y in test_dl)
        print(right / len(test_dl.dataset))


if __name__ == "__main__":
    main()
