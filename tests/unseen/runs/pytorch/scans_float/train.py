import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms
from tqdm import tqdm

BATCH = 32
EPOCHS = 20
LR = 1e-3
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Scans(Dataset):
    """Rows of a table: path,label"""

    def __init__(self, table, transform=None):
        self.table = pd.read_csv(table)
        self.transform = transform

    def __len__(self):
        return len(self.table)

    def __getitem__(self, idx):
        row = self.table.iloc[idx]
        img = Image.open(row["path"]).convert("RGB").resize((224, 224))
        img = np.array(img).astype(np.float32)
        if self.transform:
            img = self.transform(img)
        return img, int(row["label"])


prep = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
])
train_loader = DataLoader(Scans("scans_train.csv", prep), batch_size=BATCH, shuffle=True, num_workers=2)
val_loader = DataLoader(Scans("scans_val.csv", prep), batch_size=BATCH, shuffle=False, num_workers=2)

# fixed ResNet-50 features, new head
model = models.resnet50(weights=None)
model.load_state_dict(torch.load("weights/resnet50.pth"))
for param in model.parameters():
    param.requires_grad = False
model.fc = nn.Sequential(nn.Linear(2048, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 3))
model = model.to(device)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.fc.parameters(), lr=LR)

best = 0.0
for epoch in range(EPOCHS):
    model.train()
    for m in model.modules():          # the frozen part keeps its statistics
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
    losses = []
    bar = tqdm(train_loader, desc=f"epoch {epoch + 1}/{EPOCHS}")
    for x, y in bar:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        bar.set_postfix(loss=np.mean(losses))

    model.eval()
    ok = 0
    with torch.no_grad():
        for x, y in val_loader:
            ok += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
    acc = ok / len(val_loader.dataset)
    print(f"val acc {acc:.4f}")
    if acc > best:
        best = acc
        torch.save(model.state_dict(), "scans_best.pth")
