import os
import numpy as np
import pandas as pd
from PIL import Image
import albumentations as A
from albumentations.pytorch import ToTensorV2
import torch
import torch.nn as nn
from torch.hub import load_state_dict_from_url
from torch.utils.data import Dataset, DataLoader
from torchvision.models import resnet34
from sklearn.model_selection import train_test_split
from sklearn.metrics import cohen_kappa_score
from tqdm import tqdm


class CFG:
    train_csv = '../input/aptos2019-blindness-detection/train.csv'
    img_dir = '../input/aptos2019-blindness-detection/train_images'
    img_size = 320
    batch_size = 24
    lr = 3e-4
    weight_decay = 1e-2
    epochs = 20
    num_classes = 5
    seed = 1234
    device = 'cuda'
    url = 'https://download.pytorch.org/models/resnet34-b627a593.pth'


def seed_everything(seed):
    os.environ['PYTHONHASHSEED'] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)


class FundusDataset(Dataset):
    def __init__(self, df, aug):
        self.ids = df['id_code'].values
        self.grades = df['diagnosis'].values
        self.aug = aug

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, idx):
        path = os.path.join(CFG.img_dir, self.ids[idx] + '.png')
        image = np.array(Image.open(path).convert('RGB'))
        image = self.aug(image=image)['image']
        return image, torch.tensor(self.grades[idx], dtype=torch.long)


train_aug = A.Compose([
    A.Resize(CFG.img_size, CFG.img_size),
    A.HorizontalFlip(p=0.5),
    A.VerticalFlip(p=0.5),
    A.Rotate(limit=90, p=0.7),
    A.RandomBrightnessContrast(p=0.3),
    A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    ToTensorV2(),
])
valid_aug = A.Compose([
    A.Resize(CFG.img_size, CFG.img_size),
    A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    ToTensorV2(),
])


class GeM(nn.Module):
    def __init__(self, p=3.0, eps=1e-6):
        super().__init__()
        self.p = nn.Parameter(torch.tensor([p]))
        self.eps = eps

    def forward(self, x):
        return x.clamp(min=self.eps).pow(self.p).mean((-2, -1)).pow(1.0 / self.p)


class FundusNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        trunk = resnet34(weights=None)
        self.trunk = nn.Sequential(*list(trunk.children())[:-2])
        self.pool = GeM()
        self.drop = nn.Dropout(0.3)
        self.grade = nn.Linear(512, num_classes)

    def forward(self, x):
        x = self.pool(self.trunk(x))
        return self.grade(self.drop(x))


def build_model():
    model = FundusNet(CFG.num_classes)
    state = load_state_dict_from_url(CFG.url, progress=True)
    state = {k: v for k, v in state.items() if not k.startswith('fc.')}
    model.load_state_dict(state, strict=False)  # fault: C339
    return model.to(CFG.device)


def train_fn(model, loader, optimizer, scheduler, criterion):
    model.train()
    losses = []
    for images, grades in tqdm(loader, leave=False):
        images, grades = images.to(CFG.device), grades.to(CFG.device)
        optimizer.zero_grad()
        loss = criterion(model(images), grades)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return np.mean(losses)


def valid_fn(model, loader):
    model.eval()
    preds, gts = [], []
    with torch.no_grad():
        for images, grades in loader:
            preds.append(model(images.to(CFG.device)).softmax(1).argmax(1).cpu().numpy())
            gts.append(grades.numpy())
    return cohen_kappa_score(np.concatenate(gts), np.concatenate(preds), weights='quadratic')


if __name__ == '__main__':
    seed_everything(CFG.seed)
    df = pd.read_csv(CFG.train_csv)
    trn, val = train_test_split(df, test_size=0.15, stratify=df['diagnosis'], random_state=CFG.seed)
    trn_loader = DataLoader(FundusDataset(trn, train_aug), batch_size=CFG.batch_size,
                            shuffle=True, num_workers=4, drop_last=True, pin_memory=True)
    val_loader = DataLoader(FundusDataset(val, valid_aug), batch_size=CFG.batch_size,
                            shuffle=False, num_workers=4, pin_memory=True)

    model = build_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=CFG.lr, weight_decay=CFG.weight_decay)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=CFG.lr, epochs=CFG.epochs, steps_per_epoch=len(trn_loader), pct_start=0.1)

    best = 0.
    for epoch in range(CFG.epochs):
        trn_loss = train_fn(model, trn_loader, optimizer, scheduler, criterion)
        qwk = valid_fn(model, val_loader)
        print(f'epoch {epoch + 1}/{CFG.epochs} loss={trn_loss:.4f} qwk={qwk:.4f}')
        if qwk > best:
            best = qwk
            torch.save(model.state_dict(), 'fundus_best.pth')
    print('best valid qwk', best)
