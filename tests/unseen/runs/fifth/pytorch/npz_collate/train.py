import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Arrays(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return torch.from_numpy(self.images[i]).permute(2, 0, 1), int(self.labels[i])


class BatchAugment:
    """Collate function: flips and shifts whole batches, then scales and standardises them."""

    def __init__(self, mean, std, shift=3):
        self.mean = torch.as_tensor(mean).view(1, 3, 1, 1)
        self.std = torch.as_tensor(std).view(1, 3, 1, 1)
        self.shift = shift

    def __call__(self, samples):
        x = torch.stack([s[0] for s in samples]).float() / 255
        y = torch.tensor([s[1] for s in samples])
        flip = torch.rand(len(x)) < 0.5
        x[flip] = x[flip].flip(-1)
        s = self.shift
        big = F.pad(x, (s, s, s, s), mode="replicate")
        x = torch.stack([b[:, r:r + x.size(2), c:c + x.size(3)] for b, (r, c) in
                         zip(big, torch.randint(0, 2 * s + 1, (len(x), 2)).tolist())])
        return (x - self.mean) / self.std, y


class ConvMixer(nn.Sequential):
    def __init__(self, dim=64, depth=4, kernel=5, patch=2, classes=10):
        layers = [nn.Conv2d(3, dim, patch, patch), nn.GELU(), nn.BatchNorm2d(dim)]
        for _ in range(depth):
            layers += [nn.Conv2d(dim, dim, kernel, groups=dim, padding="same"), nn.GELU(), nn.BatchNorm2d(dim),
                       nn.Conv2d(dim, dim, 1), nn.GELU(), nn.BatchNorm2d(dim)]
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(dim, classes))


def main(epochs=75, batch=40, lr=3e-3):
    torch.manual_seed(31)
    z = np.load("cifar_small.npz")
    train_x = z["x_train"]
    mean = (train_x / 255.0).mean((0, 1, 2)).astype("float32")
    std = (train_x / 255.0).std((0, 1, 2)).astype("float32")
    train_loader = DataLoader(Arrays(train_x, z["y_train"]), batch, shuffle=True, drop_last=True,
                              collate_fn=BatchAugment(mean, std))
    val_loader = DataLoader(Arrays(z["x_val"], z["y_val"]), 100)

    model = ConvMixer()
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * len(train_loader))
    for epoch in range(epochs):
        model.train()
        losses = []
        for x, y in train_loader:
            loss = F.cross_entropy(model(x), y, label_smoothing=0.1)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            sched.step()
            losses.append(loss.item())
        model.eval()
        correct = n = val_loss = 0
        with torch.no_grad():
            for x, y in val_loader:
                logits = model(x.float())
                val_loss += F.cross_entropy(logits, y, reduction="sum").item()
                correct += (logits.argmax(1) == y).sum().item()
                n += len(y)
        print(f"epoch {epoch:02d} train {np.mean(losses):.4f} val {val_loss / n:.4f} acc {correct / n:.4f}", flush=True)


if __name__ == "__main__":
    main()
