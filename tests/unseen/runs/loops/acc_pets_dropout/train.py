import glob
import os
import random

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from tqdm.auto import tqdm

from net import VGGish

ROOT = "pets_flat"
SIZE = 96
BATCH = 32
EPOCHS = 80
LR = 1e-3


class Pets(Dataset):
    def __init__(self, files, classes, tf):
        self.files, self.tf = files, tf
        self.index = {c: i for i, c in enumerate(classes)}

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        name = os.path.basename(self.files[i])
        return self.tf(Image.open(self.files[i]).convert("RGB")), self.index[name.rsplit("_", 1)[0]]


@torch.no_grad()
def evaluate(accelerator, model, loader):
    model.eval
    right = total = 0
    for x, y in loader:
        pred = model(x).argmax(dim=-1)
        pred, y = accelerator.gather_for_metrics((pred, y))
        right += (pred == y).sum().item()
        total += y.numel()
    return right / total


def main():
    set_seed(11)
    files = sorted(glob.glob(os.path.join(ROOT, "*.jpg")))
    classes = sorted({os.path.basename(f).rsplit("_", 1)[0] for f in files})
    random.Random(0).shuffle(files)
    cut = int(0.85 * len(files))

    norm = transforms.Normalize((0.5,) * 3, (0.25,) * 3)
    train_tf = transforms.Compose([transforms.Resize((SIZE + 8, SIZE + 8)), transforms.RandomCrop(SIZE),
                                   transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    val_tf = transforms.Compose([transforms.Resize((SIZE, SIZE)), transforms.ToTensor(), norm])
    train_loader = DataLoader(Pets(files[:cut], classes, train_tf), batch_size=BATCH, shuffle=True, num_workers=2)
    val_loader = DataLoader(Pets(files[cut:], classes, val_tf), batch_size=BATCH, num_workers=2)

    accelerator = Accelerator()
    model = VGGish(len(classes))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS * len(train_loader))
    loss_fn = torch.nn.CrossEntropyLoss()
    model, optimizer, train_loader, val_loader, scheduler = accelerator.prepare(
        model, optimizer, train_loader, val_loader, scheduler)

    best = 0.0
    for epoch in range(EPOCHS):
        model.train()
        running = 0.0
        bar = tqdm(train_loader, disable=not accelerator.is_local_main_process, desc=f"epoch {epoch + 1}")
        for x, y in bar:
            loss = loss_fn(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            running += loss.item()
            bar.set_postfix(loss=loss.item())
        acc = evaluate(accelerator, model, val_loader)
        accelerator.print(f"epoch {epoch + 1}: loss {running / len(train_loader):.4f}  val acc {acc:.4f}")
        if acc > best:
            best = acc
            accelerator.save(accelerator.unwrap_model(model).state_dict(), "pets_best.pt")


if __name__ == "__main__":
    main()
