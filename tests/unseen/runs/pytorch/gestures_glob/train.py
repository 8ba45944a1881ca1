# 手势识别：频谱图 -> 类别 (ResNet18)
import argparse
import glob
import os

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader

from torchvision import models, transforms
from dataset import Spectrograms


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--root", type=str, default="gestures")
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--batch_size", type=int, default=64)
    p.add_argument("--lr", type=float, default=1e-3)
    return p.parse_args()


def test(model, loader, device):
    model.eval()
    correct, loss_sum = 0, 0.0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = model(x)
            loss_sum += nn.functional.cross_entropy(out, y, reduction="sum").item()
            correct += (out.argmax(1) == y).sum().item()
    n = len(loader.dataset)
    return loss_sum / n, correct / n


def main():
    args = get_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tf = transforms.Compose([
        transforms.Resize((112, 112)),
        transforms.ToTensor(),
        transforms.Normalize([0.5], [0.5]),
    ])
    train_set = Spectrograms(os.path.join(args.root, "train_amp"), tf)
    test_set = Spectrograms(os.path.join(args.root, "test_amp"), tf)
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True, num_workers=2)
    test_loader = DataLoader(test_set, batch_size=args.batch_size, num_workers=2)
    print("训练样本:", len(train_set), "测试样本:", len(test_set), "类别数:", len(train_set.category))

    # 单通道输入
    model = models.resnet18(weights=None, num_classes=len(train_set.category))
    model.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    model.to(device)

    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)

    for epoch in range(args.epochs):
        model.train()
        total, correct, seen = 0.0, 0, 0
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * y.size(0)
            correct += (out.argmax(1) == y).sum().item()
            seen += y.size(0)
        scheduler.step()
        test_loss, test_acc = test(model, test_loader, device)
        print("第{}轮 训练损失 {:.4f} 训练准确率 {:.4f} | 测试损失 {:.4f} 测试准确率 {:.4f}".format(
            epoch + 1, total / seen, correct / seen, test_loss, test_acc))
    torch.save(model.state_dict(), "gestures_resnet18.pth")


if __name__ == "__main__":
    main()
