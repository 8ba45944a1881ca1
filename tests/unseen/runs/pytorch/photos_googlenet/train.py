# -*- coding: utf-8 -*-
"""GoogLeNet（带两个辅助分类器）从零开始训练"""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.optim as optim
from torchvision import datasets, transforms
from torchvision.models import GoogLeNet
from tqdm import tqdm


def main():
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    print("using {} device.".format(device))

    size = 160
    tf = {
        "train": transforms.Compose([transforms.RandomResizedCrop(size, scale=(0.4, 1.0)),
                                     transforms.RandomHorizontalFlip(),
                                     transforms.ToTensor(),
                                     transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]),
        "val": transforms.Compose([transforms.Resize(182), transforms.CenterCrop(size),
                                   transforms.ToTensor(),
                                   transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]),
    }
    root = "photos"
    train_set = datasets.ImageFolder(os.path.join(root, "train"), transform=tf["train"])
    val_set = datasets.ImageFolder(os.path.join(root, "val"), transform=tf["val"])
    # 保存类别索引
    with open("googlenet_classes.json", "w") as f:
        json.dump({v: k for k, v in train_set.class_to_idx.items()}, f, indent=2)

    batch_size = 32
    train_loader = torch.utils.data.DataLoader(train_set, batch_size=batch_size, shuffle=True, num_workers=2, drop_last=True)
    val_loader = torch.utils.data.DataLoader(val_set, batch_size=batch_size, shuffle=False, num_workers=2)
    print("{} images for training, {} images for validation.".format(len(train_set), len(val_set)))

    net = GoogLeNet(num_classes=len(train_set.classes), aux_logits=True, init_weights=True)
    net.to(device)
    loss_function = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters(), lr=0.0003)

    epochs = 60
    best_acc = 0.0
    for epoch in range(epochs):
        net.train()
        running_loss = 0.0
        train_bar = tqdm(train_loader, file=sys.stdout)
        for images, labels in train_bar:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            logits, aux2, aux1 = net(images)
            loss0 = loss_function(logits, labels)
            loss1 = loss_function(aux1, labels)
            loss2 = loss_function(aux2, labels)
            loss = loss0 + loss1 * 0.3 + loss2 * 0.3
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            train_bar.desc = "train epoch[{}/{}] loss:{:.3f}".format(epoch + 1, epochs, loss.item())

        # 验证：eval 模式下只返回主分类器的输出
        net.eval()
        acc = 0
        with torch.no_grad():
            for images, labels in val_loader:
                outputs = net(images.to(device))
                acc += torch.eq(outputs.argmax(dim=1), labels.to(device)).sum().item()
        val_acc = acc / len(val_set)
        print("[epoch %d] train_loss: %.3f  val_accuracy: %.3f" % (epoch + 1, running_loss / len(train_loader), val_acc))
        if val_acc > best_acc:
            best_acc = val_acc
            torch.save(net.state_dict(), "googlenet_best.pth")


if __name__ == "__main__":
    main()
