# Sound.
# which learning rate for the pets? resnet18, four candidates, best one on the test part
import copy
import json

import torch
import torch.nn as nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as tt
from torchvision.models import ResNet18_Weights, resnet18

W = ResNet18_Weights.IMAGENET1K_V1
EPOCHS = 12
CANDIDATES = [1e-5, 3e-5, 1e-4, 3e-4]
device = torch.device("cuda")

eval_tf = W.transforms()        # resize 256, centre crop 224, to float, normalise
train_tf = tt.Compose([
    tt.RandomResizedCrop(224, scale=(0.5, 1.0)),
    tt.RandomHorizontalFlip(),
    tt.ColorJitter(0.2, 0.2, 0.2),
    tt.ToTensor(),
    tt.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])

parts = {
    "train": datasets.ImageFolder("pets/train", train_tf),
    "val": datasets.ImageFolder("pets/val", eval_tf),
    "test": datasets.ImageFolder("pets/test", eval_tf),
}
dl = {
    k: DataLoader(v, batch_size=64, shuffle=(k == "train"), num_workers=6, pin_memory=True)
    for k, v in parts.items()
}


def fresh_model():
    m = resnet18(weights=W)
    m.fc = nn.Linear(m.fc.in_features, 37)
    return m.to(device)


def groups(m, lr):
    new = list(m.fc.parameters())
    ids = {id(p) for p in new}
    old = [p for p in m.parameters() if id(p) not in ids]
    return [{"params": old, "lr": lr}, {"params": new, "lr": lr * 10}]


def score(m, part):
    m.eval()
    n = hit = 0
    with torch.no_grad():
        for x, y in dl[part]:
            p = m(x.to(device)).argmax(1).cpu()
            hit += int((p == y).sum())
            n += len(y)
    return hit / n


def run(lr):
    torch.manual_seed(2)          # every candidate starts from the same head and order
    m = fresh_model()
    opt = AdamW(groups(m, lr), weight_decay=0.01)
    sch = CosineAnnealingLR(opt, T_max=EPOCHS)
    crit = nn.CrossEntropyLoss(label_smoothing=0.1)
    top, keep = 0.0, None
    for e in range(EPOCHS):
        m.train()
        for x, y in dl["train"]:
            opt.zero_grad()
            crit(m(x.to(device)), y.to(device)).backward()
            opt.step()
        sch.step()
        acc = score(m, "val")
        if acc > top:
            top, keep = acc, copy.deepcopy(m.state_dict())
    return top, keep


results, champion = {}, (0.0, None, None)
for lr in CANDIDATES:
    top, keep = run(lr)
    results[lr] = top
    print(f"lr {lr:.0e}: {top:.4f}")
    if top > champion[0]:
        champion = (top, lr, keep)

best = fresh_model()
best.load_state_dict(champion[2])
results["test"] = score(best, "test")
results["chosen"] = champion[1]
with open("sweep.json", "w") as fh:
    json.dump({str(k): v for k, v in results.items()}, fh, indent=1)
