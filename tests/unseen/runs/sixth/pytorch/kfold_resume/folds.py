"""Three folds over data_batch_1..5, bfloat16 autocast, class-balanced sampling; a run that was cut off goes on."""
import argparse
import os
import pickle

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

FOLDS, EPOCHS, BATCH, LR = 3, 30, 36, 0.06
STATE = "folds_state.pt"
device = "cuda" if torch.cuda.is_available() else "cpu"


def read(folder="batches"):
    xs, ys = [], []
    for k in range(1, 6):
        with open(os.path.join(folder, f"data_batch_{k}"), "rb") as f:
            d = pickle.load(f)
        xs.append(d["data"])
        ys.extend(d["labels"])
    x = np.concatenate(xs).reshape(-1, 3, 32, 32).astype(np.float32)
    return torch.from_numpy(x), torch.tensor(ys)


def flip_and_shift(x):
    mirrored = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
    padded = nn.functional.pad(mirrored, (3, 3, 3, 3), mode="reflect")
    out = torch.empty_like(x)
    for i in range(len(x)):
        r, c = torch.randint(0, 7, (2,))
        out[i] = padded[i, :, r:r + 32, c:c + 32]
    return out


class Vgg(nn.Sequential):
    def __init__(self, plan=(24, 24, "M", 48, 48, "M", 96, 96, "M"), classes=10):
        layers, cin = [nn.BatchNorm2d(3, affine=False)], 3
        for item in plan:
            if item == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(cin, item, 3, padding=1, bias=False), nn.BatchNorm2d(item), nn.ReLU(True)]
                cin = item
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(cin, classes))


def fold_loaders(x, y, fold, order):
    held = order[fold::FOLDS]
    mask = torch.ones(len(x), dtype=torch.bool)
    mask[held] = False
    xt, yt = x[mask], y[mask]
    weights = (1.0 / torch.bincount(yt, minlength=10).float())[yt]
    sampler = WeightedRandomSampler(weights.double(), num_samples=len(yt), replacement=True)
    return (DataLoader(TensorDataset(xt, yt), BATCH, sampler=sampler, drop_last=True),
            DataLoader(TensorDataset(x[held], y[held]), 120))


def score(model, loader):
    model.eval()
    hits = n = 0
    with torch.no_grad(), torch.autocast(device, dtype=torch.bfloat16):
        for xb, yb in loader:
            hits += (model(xb.to(device)).argmax(1).cpu() == yb).sum().item()
            n += len(yb)
    return hits / n


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    x, y = read()
    x /= 255
    order = torch.from_numpy(np.random.RandomState(4).permutation(len(x)))
    state = {"fold": 0, "epoch": 0, "scores": []}
    if args.resume and os.path.exists(STATE):
        state = torch.load(STATE)
    scores = state["scores"]
    for fold in range(state["fold"], FOLDS):
        torch.manual_seed(1000 + fold)
        train, held = fold_loaders(x, y, fold, order)
        model = Vgg().to(device)
        opt = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9, weight_decay=5e-4)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
        first = 0
        if fold == state["fold"] and state["epoch"]:
            for name, thing in (("model", model), ("opt", opt), ("sched", sched)):
                thing.load_state_dict(state[name])
            torch.set_rng_state(state["rng"])
            first, acc = state["epoch"], state["acc"]
        for epoch in range(first, EPOCHS):
            model.train()
            for xb, yb in train:
                xb, yb = flip_and_shift(xb).to(device), yb.to(device)
                with torch.autocast(device, dtype=torch.bfloat16):
                    out = model(xb)
                loss = nn.functional.cross_entropy(out.float(), yb)
                opt.zero_grad()
                loss.backward()
                opt.step()
            sched.step()
            acc = score(model, held)
            print(f"fold {fold} epoch {epoch} loss {loss.item():.3f} held-out {acc:.4f}", flush=True)
            torch.save({"fold": fold, "epoch": epoch + 1, "acc": acc, "scores": scores, "model": model.state_dict(),
                        "opt": opt.state_dict(), "sched": sched.state_dict(), "rng": torch.get_rng_state()}, STATE)
        scores.append(acc)
    print("mean over folds: %.4f" % (sum(scores) / len(scores)))


if __name__ == "__main__":
    main()
