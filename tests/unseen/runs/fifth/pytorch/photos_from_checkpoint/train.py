import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder


class EncoderClassifier(nn.Module):
    def __init__(self, arch, num_classes):
        super().__init__()
        self.encoder = getattr(models, arch)(weights=None)
        dim = self.encoder.fc.in_features
        self.encoder.fc = nn.Identity()
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(dim, num_classes))

    def forward(self, x):
        return self.classifier(self.encoder(x))


def load_checkpoint(model, path):
    ckpt = torch.load(path, map_location="cpu")
    saved = ckpt.get("state_dict", ckpt)
    own = model.state_dict()
    # the last layer has another size, take over what fits
    fitting = {k: v for k, v in saved.items() if k in own and v.shape == own[k].shape}
    own.update(fitting)
    model.load_state_dict(own)
    print(f"=> loaded checkpoint '{path}' (epoch {ckpt.get('epoch')})")


def param_groups(model, lr):
    return [{"params": model.encoder.parameters(), "lr": lr * 0.1},
            {"params": model.classifier.parameters(), "lr": lr}]


def train(model, loader, criterion, optimizer):
    model.train()
    loss_sum = 0.0
    for images, targets in loader:
        outputs = model(images)
        loss = criterion(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * images.size(0)
    return loss_sum / (len(loader) * loader.batch_size)


def validate(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, targets in loader:
            correct += (model(images).argmax(1) == targets).sum().item()
    return correct / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser(description="fine-tuning from our pre-training checkpoint")
    parser.add_argument("data", nargs="?", default="photos")
    parser.add_argument("--checkpoint", default="weights/pretrain_ckpt.pth.tar")
    parser.add_argument("--epochs", default=30, type=int)
    parser.add_argument("--lr", default=0.02, type=float)
    parser.add_argument("-b", "--batch-size", default=32, type=int)
    args = parser.parse_args()

    torch.manual_seed(0)
    normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_set = ImageFolder(args.data + "/train", transforms.Compose([
        transforms.RandomResizedCrop(56, scale=(0.5, 1.0)), transforms.RandomHorizontalFlip(), transforms.ToTensor(), normalize]))
    val_set = ImageFolder(args.data + "/val", transforms.Compose([
        transforms.CenterCrop(56), transforms.ToTensor(), normalize]))
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, 100)

    model = EncoderClassifier("resnet18", len(train_set.classes))
    load_checkpoint(model, args.checkpoint)
    optimizer = torch.optim.SGD(param_groups(model, args.lr), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        loss = train(model, train_loader, criterion, optimizer)
        acc = validate(model, val_loader)
        scheduler.step()
        print(f"Epoch [{epoch}] loss {loss:.4f} acc {acc * 100:.2f}", flush=True)


if __name__ == "__main__":
    main()
