import copy
import sys

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader
from torchvision import models, transforms as T
from torchvision.datasets import Flowers102

root = sys.argv[1] if len(sys.argv) > 1 else "data"
epochs, bs, accum, lr, wd = 60, 16, 2, 4e-4, 0.01

set_seed(6)
acc = Accelerator(mixed_precision="fp16", gradient_accumulation_steps=accum)

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tr = T.Compose([T.RandomResizedCrop(224, (0.5, 1)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
ev = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])

with acc.main_process_first():
    train_ds = Flowers102(root, "train", tr, download=True)
val_ds = Flowers102(root, "val", ev)
test_ds = Flowers102(root, "test", ev)

train_dl = DataLoader(train_ds, bs, shuffle=True, num_workers=4, drop_last=True)
val_dl = DataLoader(val_ds, 64, num_workers=4)
test_dl = DataLoader(test_ds, 64, num_workers=4)

net = models.regnet_y_800mf(weights="IMAGENET1K_V2")
net.fc = torch.nn.Linear(net.fc.in_features, 102)

decay = [p for p in net.parameters() if p.ndim > 1]
rest = [p for p in net.parameters() if p.ndim <= 1]
opt = torch.optim.AdamW([{"params": decay, "weight_decay": wd}, {"params": rest, "weight_decay": 0.0}], lr=lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)  # per epoch, stays unprepared
net, opt, train_dl, val_dl, test_dl = acc.prepare(net, opt, train_dl, val_dl, test_dl)


@torch.no_grad()
def score(dl):
    net.eval()
    hit = n = 0
    for x, y in dl:
        p, y = acc.gather_for_metrics((net(x).argmax(1), y))
        hit = hit + (p == y).sum()
        n += len(y)
    return (hit / n).item()


best, keep = 0.0, None
for ep in range(epochs):
    net.train()
    for x, y in train_dl:
        with acc.accumulate(net):
            acc.backward(F.cross_entropy(net(x), y))
            if acc.sync_gradients:
                acc.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
            opt.zero_grad()
    sched.step()
    v = score(val_dl)
    acc.print(f"{ep} val {v:.4f} lr {sched.get_last_lr()[0]:.2e}")
    if v > best:
        best, keep = v, copy.deepcopy(acc.unwrap_model(net).state_dict())

acc.unwrap_model(net).load_state_dict(keep)
acc.print("test", score(test_dl))
acc.save(keep, "flowers102.pt")
