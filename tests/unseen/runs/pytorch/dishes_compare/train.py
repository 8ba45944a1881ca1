# Compare two backbones on three classes (exported from the notebook "dishes.ipynb")
import time

import torch
import torch.nn as nn
import torch.optim as optim
from torchvision import datasets, models, transforms

# In[1]: data
tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                         transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
aug = transforms.Compose([transforms.RandomResizedCrop(224, scale=(0.5, 1.0)), transforms.RandomHorizontalFlip(),
                          transforms.ToTensor(),
                          transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
train_set = datasets.ImageFolder("dishes/train", aug)
val_set = datasets.ImageFolder("dishes/val", tf)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=16, shuffle=True)
val_loader = torch.utils.data.DataLoader(val_set, batch_size=16)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print(train_set.class_to_idx, len(train_set), len(val_set))


# In[2]: a small head on MobileNet features
class Mobile(nn.Module):
    def __init__(self, n):
        super().__init__()
        body = models.mobilenet_v2(weights=None)
        body.load_state_dict(torch.load("weights/mobilenet_v2.pth"))
        self.body = body.features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Linear(1280, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, n))

    def forward(self, x):
        return self.classifier(self.pool(self.body(x)).flatten(1))


def score(net):
    net.eval()
    ok = 0
    with torch.no_grad():
        for x, y in val_loader:
            ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
    return ok / len(val_set)


model = Mobile(3).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-4)

# In[3]:
for epoch in range(20):
    t = time.time()
    model.train()
    running = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        running += loss.item()
    print("mobilenet", epoch, running / len(train_loader), score(model), f"{time.time() - t:.1f}s")

# In[4]: the same with a resnet
model1 = models.resnet18(weights=None)
model1.load_state_dict(torch.load("weights/resnet18.pth"))
model1.fc = nn.Linear(model1.fc.in_features, 3)
model1 = model1.to(device)

for epoch in range(20):
    t = time.time()
    model1.train()
    running = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model1(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        running += loss.item()
    print("resnet", epoch, running / len(train_loader), score(model1), f"{time.time() - t:.1f}s")
