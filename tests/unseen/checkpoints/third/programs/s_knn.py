"""Nearest neighbours on the features of the recurrent network."""
from collections import Counter
from pathlib import Path
import numpy as np
import torch
from torch import nn

##NET RowGRU##

K = 12
net = RowGRU()
stored = torch.load(Path(__file__).parent / "rows_best.pt", map_location="cpu")["state"]
left = net.load_state_dict({k: v for k, v in stored.items() if not k.startswith("out.")}, strict=False)
print("not loaded:", left.missing_keys)
net.out = nn.Identity()
net.eval()


def features(part):
    z = np.load(f"data/apparel/{part}.npz")
    with torch.no_grad():
        chunks = torch.from_numpy(z["images"]).float().div(255).split(250)
        return torch.cat([net(c) for c in chunks]).numpy(), z["labels"]


bank, bank_y = features("train")
query, query_y = features("heldout")
centre, spread = bank.mean(0), bank.std(0) + 1e-6
bank, query = (bank - centre) / spread, (query - centre) / spread
distance = (query ** 2).sum(1)[:, None] - 2 * query @ bank.T + (bank ** 2).sum(1)
nearest = np.argpartition(distance, K, axis=1)[:, :K]
guess = [Counter(bank_y[i].tolist()).most_common(1)[0][0] for i in nearest]
print(f"accuracy = {np.mean(np.array(guess) == query_y) * 100:.2f}")
