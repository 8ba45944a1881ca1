import numpy as np
import torch
from torch.utils.data import Dataset

HU_LOW, HU_HIGH = -1000.0, 400.0


class NoduleSlices(Dataset):
    """One npz per candidate: 'hu' int16 (64, 64), centred on the candidate."""

    def __init__(self, frame, root, train):
        self.files = [root / f"{uid}.npz" for uid in frame["candidate_id"]]
        self.y = torch.tensor(frame["is_nodule"].to_numpy(), dtype=torch.float32)
        self.train = train

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with np.load(self.files[i]) as z:
            hu = z["hu"].astype(np.float32)
        img = (np.clip(hu, HU_LOW, HU_HIGH) - HU_LOW) / (HU_HIGH - HU_LOW)
        if self.train:
            k = int(torch.randint(0, 4, ()))
            img = np.rot90(img, k)
            if torch.rand(()) < 0.5:
                img = img[:, ::-1]
        img = torch.from_numpy(np.ascontiguousarray(img))[None]
        return (img - 0.5) / 0.25, self.y[i]
