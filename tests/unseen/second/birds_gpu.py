# Sound.
"""CUB-200 fine-tuning.  Workers only decode and resize (OpenCV, left in BGR); everything
else - channel order, range, augmentation, standardisation - happens on the GPU in `Front`."""
import os

import cv2
import kornia.augmentation as K
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models

ROOT = "CUB_200_2011"
SIDE = 224
cv2.setNumThreads(0)


def read_table(name):
    with open(os.path.join(ROOT, name)) as fh:
        return [line.split()[1] for line in fh]


class Cub(Dataset):
    def __init__(self, training):
        flag = "1" if training else "0"
        rows = zip(read_table("images.txt"), read_table("image_class_labels.txt"), read_table("train_test_split.txt"))
        self.items = [(p, int(c) - 1) for p, c, t in rows if t == flag]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, idx):
        rel, label = self.items[idx]
        im = cv2.imread(os.path.join(ROOT, "images", rel), cv2.IMREAD_COLOR)
        im = cv2.resize(im, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return torch.from_numpy(im).permute(2, 0, 1).contiguous(), label  # uint8, BGR


class Front(nn.Module):
    """Bytes in BGR -> standardised RGB floats; random steps in training mode only."""

    def __init__(self):
        super().__init__()
        self.colour_and_shape = nn.Sequential(
            K.RandomHorizontalFlip(p=0.5),
            K.ColorJitter(0.2, 0.2, 0.2, 0.0, p=0.8),
        )
        self.standardise = K.Normalize(
            mean=torch.tensor([0.485, 0.456, 0.406]),
            std=torch.tensor([0.229, 0.224, 0.225]),
        )
        self.erase = K.RandomErasing(p=0.25)

    @torch.no_grad()
    def forward(self, batch):
        x = batch.flip(1).float().mul_(1.0 / 255.0)
        if not self.training:
            return self.standardise(x)
        x = self.colour_and_shape(x)
        return self.erase(self.standardise(x))


def build():
    body = models.resnext50_32x4d(weights=models.ResNeXt50_32X4D_Weights.IMAGENET1K_V2)
    body.fc = nn.Linear(body.fc.in_features, 200)
    return nn.Sequential(Front(), body)


def groups(net, base):
    fresh = list(net[1].fc.parameters())
    ids = {id(p) for p in fresh}
    old = [p for p in net.parameters() if id(p) not in ids]
    return [{"params": old, "lr": base}, {"params": fresh, "lr": 10 * base}]


def accuracy(net, loader):
    net.eval()
    right = torch.zeros((), device="cuda")
    with torch.no_grad():
        for x, y in loader:
            right += (net(x.cuda()).argmax(-1) == y.cuda()).sum()
    return right.item() / len(loader.dataset)


def main(epochs=50):
    torch.manual_seed(404)
    train = DataLoader(Cub(True), batch_size=64, shuffle=True, num_workers=10, drop_last=True, pin_memory=True)
    test = DataLoader(Cub(False), batch_size=128, num_workers=10, pin_memory=True)

    net = build().cuda()
    optimiser = torch.optim.SGD(groups(net, 2e-3), momentum=0.9, weight_decay=5e-4)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=epochs)
    ce = nn.CrossEntropyLoss(label_smoothing=0.1)

    for e in range(epochs):
        net.train()
        for x, y in train:
            loss = ce(net(x.cuda(non_blocking=True)), y.cuda(non_blocking=True))
            for p in net.parameters():
                p.grad = None
            loss.backward()
            optimiser.step()
        cosine.step()
        print(f"{e:3d}  test {accuracy(net, test):.4f}")
    torch.save(net[1].state_dict(), "cub_resnext.pth")


if __name__ == "__main__":
    main()
