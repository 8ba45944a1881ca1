import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

SIZE = 96


def conv_bn(cin, cout, stride=1):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride=2, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.skip(x))


class PlanktonNet(nn.Module):
    def __init__(self, classes=38):
        super().__init__()
        self.stem = nn.Sequential(conv_bn(1, 32), conv_bn(32, 32))
        self.stages = nn.Sequential(Residual(32, 64), Residual(64, 128), Residual(128, 256))
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(256, classes)

    def forward(self, x):
        x = self.stages(self.stem(x))
        return self.out(self.drop(x.mean(dim=(2, 3))))


class Plankton(Dataset):
    """list file: one line per picture, 'relative/path.png <tab> class number (0..37)'"""

    def __init__(self, root, listfile, tf):
        self.root = Path(root)
        rows = [ln.split("\t") for ln in Path(listfile).read_text().splitlines() if ln.strip()]
        self.items = [(name, int(number)) for name, number in rows]
        self.tf = tf

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        name, y = self.items[i]
        return self.tf(Image.open(self.root / name).convert("L")), y


def train(model, ema, loader, opt, scaler, clip, device):
    model.train()
    tot, n = torch.zeros((), device=device), 0
    for x, y in loader:
        x = x.to(device, non_blocking=True)
        y = y.to(device, non_blocking=True)
        opt.zero_grad(set_to_none=True)
        with torch.autocast(device_type="cuda", dtype=torch.float16):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)  # fault: C343
        scaler.step(opt)
        scaler.update()
        ema.update_parameters(model)
        tot += loss.detach() * y.numel()
        n += y.numel()
    return (tot / n).item()


@torch.no_grad()
def test(model, loader, device):
    model.eval()
    ok, n = torch.zeros((), device=device), 0
    for x, y in loader:
        x = x.to(device, non_blocking=True)
        y = y.to(device, non_blocking=True)
        ok += (model(x).argmax(1) == y).sum()
        n += y.numel()
    return (ok / n).item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("root")
    ap.add_argument("--train-list", default="train.txt")
    ap.add_argument("--val-list", default="val.txt")
    ap.add_argument("-b", "--batch", type=int, default=128)
    ap.add_argument("-e", "--epochs", type=int, default=60)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--clip", type=float, default=1.0)
    ap.add_argument("--ema", type=float, default=0.999)
    args = ap.parse_args()

    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda")

    norm = T.Normalize((0.93,), (0.12,))      # light background
    tf_train = T.Compose([
        T.Resize((SIZE, SIZE)),
        T.RandomAffine(180, translate=(0.05, 0.05), scale=(0.9, 1.1), fill=255),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        norm,
    ])
    tf_val = T.Compose([T.Resize((SIZE, SIZE)), T.ToTensor(), norm])
    train_dl = DataLoader(Plankton(args.root, args.train_list, tf_train), args.batch, shuffle=True,
                          drop_last=True, num_workers=8, pin_memory=True, persistent_workers=True)
    val_dl = DataLoader(Plankton(args.root, args.val_list, tf_val), 256, num_workers=8, pin_memory=True)

    model = PlanktonNet().to(device)
    ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(args.ema), use_buffers=True)
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs, eta_min=1e-6)
    scaler = torch.amp.GradScaler("cuda")

    top = 0.0
    for e in range(args.epochs):
        loss = train(model, ema, train_dl, opt, scaler, args.clip, device)
        sched.step()
        acc = test(ema, val_dl, device)
        print(f"{e:02d} loss={loss:.4f} val={acc:.4f}")
        if acc > top:
            top = acc
            torch.save(ema.module.state_dict(), "plankton_ema.pt")


if __name__ == "__main__":
    main()
