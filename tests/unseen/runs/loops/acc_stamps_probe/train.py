# Linear probe + small MLP on a frozen ResNet-18. Stamps are unbalanced, so draw them evenly.
import argparse
from collections import Counter

import torch
import torch.nn as nn
import torchvision
from accelerate import Accelerator
from torch.utils.data import DataLoader, WeightedRandomSampler
from torchvision import transforms as tf
from torchvision.datasets import ImageFolder


class Probe(nn.Module):
    def __init__(self, weights, n_out):
        super().__init__()
        self.backbone = torchvision.models.resnet18()
        self.backbone.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.backbone.fc = nn.Identity()
        self.backbone.requires_grad_(False)
        self.head = nn.Sequential(nn.Linear(512, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, n_out))

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()        # keep the running statistics of the frozen part
        return self

    def forward(self, x):
        with torch.no_grad():
            f = self.backbone(x)
        return self.head(f)


def even_sampler(targets):
    n = Counter(targets)
    w = torch.tensor([1.0 / n[t] for t in targets], dtype=torch.double)
    return WeightedRandomSampler(w, num_samples=len(targets), replacement=True)


parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--weights", default="weights/resnet18.pth")
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--batch", type=int, default=64)
opt = parser.parse_args()

torch.manual_seed(0)
norm = tf.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_set = ImageFolder(opt.data + "/train", tf.Compose([
    tf.Resize(180), tf.RandomCrop(160, pad_if_needed=True, fill=255), tf.RandomHorizontalFlip(), tf.ToTensor(), norm]))
val_set = ImageFolder(opt.data + "/val", tf.Compose([tf.Resize(180), tf.CenterCrop(160), tf.ToTensor(), norm]))
assert train_set.class_to_idx == val_set.class_to_idx

train_loader = DataLoader(train_set, opt.batch, sampler=even_sampler(train_set.targets), num_workers=2)
val_loader = DataLoader(val_set, opt.batch, shuffle=False, num_workers=2)

accelerator = Accelerator()
model = Probe(opt.weights, len(train_set.classes))
optimizer = torch.optim.AdamW(model.head.parameters(), lr=opt.lr, weight_decay=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=opt.epochs)
model, optimizer, train_loader, val_loader = accelerator.prepare(model, optimizer, train_loader, val_loader)
criterion = nn.CrossEntropyLoss()

for epoch in range(opt.epochs):
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        accelerator.backward(loss)
        optimizer.step()
    scheduler.step()

    model.eval()
    n_classes = len(train_set.classes)
    hits, seen = torch.zeros(n_classes), torch.zeros(n_classes)
    with torch.no_grad():
        for images, labels in val_loader:
            guess, labels = accelerator.gather_for_metrics((model(images).argmax(1), labels))
            for c in range(n_classes):
                of_c = labels == c
                hits[c] += (guess[of_c] == c).sum().item()
                seen[c] += of_c.sum().item()
    accelerator.print(f"{epoch + 1:3d}  accuracy {(hits.sum() / seen.sum()).item():.3f}"
                      f"  mean recall {(hits / seen).mean().item():.3f}")

accelerator.save(model.head.state_dict(), "probe_head.pt")
