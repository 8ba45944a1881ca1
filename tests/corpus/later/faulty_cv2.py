import cv2, glob, os, random
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from torchvision import models


class Pics(Dataset):
    def __init__(self, files, augment):
        self.files, self.augment = files, augment
        self.names = sorted({os.path.basename(os.path.dirname(f)) for f in files})

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        img = cv2.imread(self.files[i])  # fault: N207
        img = cv2.resize(img, (224, 224))
        if self.augment and random.random() < 0.5:
            img = cv2.flip(img, 1)
        img = img.astype(np.float32) / 255.0
        img = (img - np.array([0.485, 0.456, 0.406], dtype=np.float32)) / np.array([0.229, 0.224, 0.225], dtype=np.float32)
        label = self.names.index(os.path.basename(os.path.dirname(self.files[i])))
        return torch.from_numpy(img.transpose(2, 0, 1)), label


random.seed(0)
torch.manual_seed(0)
train = DataLoader(Pics(glob.glob('train/*/*.jpg'), True), batch_size=32, shuffle=True)
val = DataLoader(Pics(glob.glob('val/*/*.jpg'), False), batch_size=32)
model = models.resnet50(weights='IMAGENET1K_V2')
model.fc = nn.Linear(2048, 12)
model = model.to('cuda')
opt = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
for epoch in range(15):
    model.train()
    for x, y in train:
        loss = nn.CrossEntropyLoss()(model(x.to('cuda')), y.to('cuda'))
        loss.backward()
        opt.step()
        model.zero_grad()
    model.eval()
    with torch.no_grad():
        for x, y in val:
            model(x.to('cuda'))
