"""False positive reduction for lung nodule candidates (64x64 slices, npz)."""
import json
from pathlib import Path

import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit
from torch import nn
from torch.utils.data import DataLoader

from dataset import NoduleSlices
from network import NoduleNet

ROOT = Path("/data/lung/candidates")
SEED = 7
BATCH = 128
EPOCHS = 40


def split_by_patient(table, test_size, seed):
    gss = GroupShuffleSplit(n_splits=1, test_size=test_size, random_state=seed)
    a, b = next(gss.split(table, groups=table["patient"]))
    return table.iloc[a].reset_index(drop=True), table.iloc[b].reset_index(drop=True)


@torch.no_grad()
def predict(model, loader, device):
    model.eval()
    logits, target = [], []
    for x, y in loader:
        logits.append(model(x.to(device, non_blocking=True)))
        target.append(y)
    return torch.cat(logits).cpu(), torch.cat(target)


def main():
    torch.manual_seed(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    table = pd.read_csv(ROOT / "candidates.csv")
    rest, test_df = split_by_patient(table, 0.15, SEED)
    train_df, val_df = split_by_patient(rest, 0.15, SEED)
    assert not set(train_df.patient) & (set(val_df.patient) | set(test_df.patient))

    opts = dict(batch_size=BATCH, num_workers=6, pin_memory=True)
    train = DataLoader(NoduleSlices(train_df, ROOT, True), shuffle=True, drop_last=True, **opts)
    val = DataLoader(NoduleSlices(val_df, ROOT, False), shuffle=False, **opts)
    test = DataLoader(NoduleSlices(test_df, ROOT, False), shuffle=False, **opts)

    n_pos = int(train_df.is_nodule.sum())
    weight = torch.tensor((len(train_df) - n_pos) / n_pos, device=device).clamp(max=20.0)

    model = NoduleNet().to(device)
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)

    best, history = 0.0, []
    for epoch in range(EPOCHS):
        model.train()
        total = torch.zeros((), device=device)
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        scheduler.step()

        logits, target = predict(model, val, device)
        auc = roc_auc_score(target.numpy(), logits.numpy())
        history.append({"epoch": epoch, "loss": (total / len(train)).item(), "val_auc": auc})
        print(history[-1])
        if auc > best:
            best = auc
            torch.save(model.state_dict(), "nodule_best.pt")

    model.load_state_dict(torch.load("nodule_best.pt", map_location=device))
    logits, target = predict(model, test, device)
    print("test AUC", roc_auc_score(target.numpy(), logits.numpy()))
    Path("history.json").write_text(json.dumps(history, indent=1))


if __name__ == "__main__":
    main()
