"""Fine-tune a ResNet-18 checkpoint on four classes listed in train.txt / val.txt."""
import argparse
import os

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models
from torchvision.transforms import v2


class ListedImages(Dataset):
    def __init__(self, root, listing, transform):
        self.root, self.transform = root, transform
        with open(os.path.join(root, listing)) as f:
            self.items = [line.rsplit(" ", 1) for line in f.read().splitlines() if line]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, label = self.items[i]
        with Image.open(os.path.join(self.root, path)) as im:
            return self.transform(im.convert("RGB")), int(label)


def transforms_for(size):
    tail = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    return (v2.Compose([v2.RandomResizedCrop(size, (0.7, 1.0)), v2.RandomHorizontalFlip()] + tail),
            v2.Compose([v2.Resize((size, size))] + tail))


def build_model(weights, num_classes):
    model = models.resnet18(weights=None)
    model.fc = nn.Linear(model.fc.in_features, num_classes)
    checkpoint = torch.load(weights, map_location="cpu")
    state = checkpoint["state_dict"]
    # the classifier of the checkpoint has other classes
    state = {k: v for k, v in state.items() if "fc." not in k}
    model.load_state_dict(state, strict=False)
    print(f"=> loaded '{weights}' (epoch {checkpoint['epoch']})")
    return model


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="listed")
    p.add_argument("--weights", default="weights/resnet18_ckpt.pth.tar")
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--lr", type=float, default=2e-3)
    args = p.parse_args()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tf_train, tf_val = transforms_for(64)
    train = DataLoader(ListedImages(args.root, "train.txt", tf_train), args.batch, shuffle=True, drop_last=True)
    val = DataLoader(ListedImages(args.root, "val.txt", tf_val), args.batch)

    model = build_model(args.weights, 4).to(device)
    head = list(model.fc.parameters())
    body = [q for n, q in model.named_parameters() if not n.startswith("fc.")]
    optimizer = torch.optim.SGD([{"params": body, "lr": args.lr}, {"params": head, "lr": args.lr * 5}],
                                lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(args.epochs):
        model.train()
        seen = loss_sum = 0
        for x, y in train:
            x, y = x.to(device), y.to(device)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
            seen += len(y)
        scheduler.step()
        model.eval()
        right = count = 0
        with torch.no_grad():
            for x, y in val:
                right += (model(x.to(device)).argmax(1).cpu() == y).sum().item()
                count += len(y)
        print(f"epoch {epoch}: loss {loss_sum / seen:.4f} val acc {right / count:.4f}")
        torch.save({"epoch": epoch + 1, "state_dict": model.state_dict(), "optimizer": optimizer.state_dict()},
                   "listed_last.pth.tar")


if __name__ == "__main__":
    main()
