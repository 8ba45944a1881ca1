# Cassava leaf diseases, 5-fold, head on a fixed DenseNet-121
import os, random, gc
import cv2
cv2.setNumThreads(0)
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset, DataLoader
from torchvision.models import densenet121, DenseNet121_Weights
from sklearn.model_selection import StratifiedKFold
import albumentations as alb
from albumentations.pytorch import ToTensorV2

ROOT = '../input/cassava-leaf-disease-classification'
SIZE, BATCH, N_EPOCH, N_FOLD, SEED = 256, 64, 8, 5, 719
DEV = torch.device('cuda')


def fix(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Leaves(Dataset):
    def __init__(self, frame, train):
        self.frame = frame.reset_index(drop=True)
        steps = [alb.Resize(SIZE, SIZE)]
        if train:
            steps += [alb.Transpose(p=0.5), alb.HorizontalFlip(p=0.5), alb.VerticalFlip(p=0.5),
                      alb.HueSaturationValue(p=0.3)]
        steps += [alb.Normalize(), ToTensorV2()]  # ImageNet mean and std are the defaults
        self.steps = alb.Compose(steps)

    def __len__(self):
        return len(self.frame)

    def __getitem__(self, i):
        row = self.frame.iloc[i]
        leaf = cv2.imread(f'{ROOT}/train_images/{row.image_id}')[:, :, ::-1]
        leaf = self.steps(image=np.ascontiguousarray(leaf))['image']
        return leaf, row.label


class FixedDense(nn.Module):
    def __init__(self, n=5):
        super().__init__()
        self.body = densenet121(weights=DenseNet121_Weights.IMAGENET1K_V1).features
        self.body.requires_grad_(False)
        self.top = nn.Sequential(
            nn.Linear(1024, 256),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(256, n),
        )

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x):
        with torch.no_grad():
            f = F.relu(self.body(x)).mean(dim=(2, 3))
        return self.top(f)


def run_fold(k, tr, va):
    fix(SEED + k)
    a = DataLoader(Leaves(tr, True), BATCH, shuffle=True, num_workers=4, pin_memory=True, drop_last=True)
    b = DataLoader(Leaves(va, False), BATCH * 2, shuffle=False, num_workers=4, pin_memory=True)
    net = FixedDense().to(DEV)
    adam = torch.optim.Adam(net.top.parameters(), lr=1e-3)
    decay = torch.optim.lr_scheduler.ExponentialLR(adam, gamma=0.8)
    for ep in range(N_EPOCH):
        net.train()
        run = []
        for x, y in a:
            adam.zero_grad()
            loss = F.cross_entropy(net(x.to(DEV)), y.to(DEV))
            loss.backward()
            adam.step()
            run.append(loss.item())
        decay.step()
        print(f'fold {k} epoch {ep} loss {np.mean(run):.4f}')
    net.eval()
    with torch.no_grad():
        prob = torch.cat([net(x.to(DEV)).softmax(1).cpu() for x, _ in b]).numpy()
    torch.save(net.state_dict(), f'dense_fold{k}.pt')
    del net, adam
    gc.collect()
    torch.cuda.empty_cache()
    return prob


if __name__ == '__main__':
    table = pd.read_csv(os.path.join(ROOT, 'train.csv'))
    oof = np.zeros((len(table), 5), dtype=np.float32)
    skf = StratifiedKFold(N_FOLD, shuffle=True, random_state=SEED)
    for k, (i, j) in enumerate(skf.split(table, table.label)):
        oof[j] = run_fold(k, table.iloc[i], table.iloc[j])
        print(f'fold {k} accuracy', (oof[j].argmax(1) == table.label.values[j]).mean())
    print('out of fold accuracy', (oof.argmax(1) == table.label.values).mean())
    np.save('oof.npy', oof)
