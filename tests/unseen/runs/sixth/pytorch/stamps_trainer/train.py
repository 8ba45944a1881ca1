import argparse
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, models, transforms


def over_white(img):
    img = img.convert("RGBA")
    canvas = img.copy()
    canvas.paste((255, 255, 255, 255), (0, 0) + img.size)
    canvas.alpha_composite(img)
    return canvas.convert("RGB")


def rgba_loader(path):
    from PIL import Image
    with open(path, "rb") as f:
        return over_white(Image.open(f))


class Trainer:
    def __init__(self, model, optimizer, criterion, train_loader, val_loader, device, eval_every):
        self.model, self.optimizer, self.criterion = model.to(device), optimizer, criterion
        self.train_loader, self.val_loader = train_loader, val_loader
        self.device, self.eval_every = device, eval_every
        self.global_step = 0
        self.best = 0.0

    def step(self, images, targets):
        images, targets = images.to(self.device), targets.to(self.device)
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(images), targets)
        loss.backward()
        self.optimizer.step()
        self.global_step += 1
        return loss.item()

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        correct = total = 0
        for images, targets in self.val_loader:
            preds = self.model(images.to(self.device)).argmax(dim=1).cpu()
            correct += int((preds == targets).sum())
            total += len(targets)
        return correct / total

    def fit(self, epochs):
        for epoch in range(epochs):
            self.model.train()
            t0, running = time.time(), 0.0
            for i, (images, targets) in enumerate(self.train_loader):
                if self.global_step % self.eval_every == 0:
                    acc = self.evaluate()
                    print(f"step {self.global_step}: val acc {acc:.3f}")
                    if acc > self.best:
                        self.best = acc
                        torch.save(self.model.state_dict(), "stamps_best.pt")
                running += self.step(images, targets)
            print(f"epoch {epoch}: loss {running / (i + 1):.4f} ({time.time() - t0:.1f}s)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="stamps")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--eval-every", type=int, default=18)
    args = parser.parse_args()
    torch.manual_seed(5)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    to_input = [transforms.Resize((64, 64)), transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)]
    aug = [transforms.RandomAffine(15, translate=(0.1, 0.1), fill=255), transforms.RandomHorizontalFlip()]
    train_view = datasets.ImageFolder(args.data, transforms.Compose(aug + to_input), loader=rgba_loader)
    val_view = datasets.ImageFolder(args.data, transforms.Compose(to_input), loader=rgba_loader)
    perm = torch.randperm(len(train_view)).tolist()
    n_val = len(perm) // 5
    train_loader = DataLoader(Subset(train_view, perm[n_val:]), args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(Subset(val_view, perm[:n_val]), args.batch_size)

    model = models.resnet18(num_classes=len(train_view.classes))
    model.fc = nn.Sequential(nn.Dropout(0.4), model.fc)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.05)
    trainer = Trainer(model, optimizer, nn.CrossEntropyLoss(), train_loader, val_loader, device, args.eval_every)
    trainer.fit(args.epochs)


if __name__ == "__main__":
    main()
