"""Scores the weight average of the clothes network."""
import numpy as np
import torch
from pathlib import Path
from torch import nn
from torch.optim.swa_utils import AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset

##NET SockNet##

def arrays(part, prepare):
    z = np.load(f"data/apparel/{part}.npz")
    return TensorDataset(prepare(torch.from_numpy(z["images"]).unsqueeze(1)), torch.from_numpy(z["labels"]))


def unit(x):
    return x.float() / 255


def signed(x):
    return (255 - x).float().div_(127.5).sub_(1)


def main():
    average = AveragedModel(SockNet())
    average.load_state_dict(torch.load(Path(__file__).parent / "swa.pth", weights_only=True))
    print("weights averaged over", int(average.n_averaged), "epochs")
    update_bn(DataLoader(arrays("train", @@A@@), batch_size=100, shuffle=True), average)
    average.eval()
    hits = []
    with torch.no_grad():
        for x, y in DataLoader(arrays("heldout", signed), batch_size=100):
            hits.append(average(x).argmax(1).eq(y))
    print(f"accuracy {torch.cat(hits).float().mean().item() * 100:.2f}%")


if __name__ == "__main__":
    main()
