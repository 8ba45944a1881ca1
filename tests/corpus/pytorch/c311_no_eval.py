import torch
import torch.nn.functional as F
from torchvision import datasets, models, transforms

SEED = 4
torch.manual_seed(SEED)
normalize = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
train_ds = datasets.ImageFolder("q/train", transforms.Compose([transforms.RandomResizedCrop(192), transforms.ToTensor(), normalize]))
val_ds = datasets.ImageFolder("q/val", transforms.Compose([transforms.Resize((192, 192)), transforms.ToTensor(), normalize]))
train_dl = torch.utils.data.DataLoader(train_ds, batch_size=64, shuffle=True)
val_dl = torch.utils.data.DataLoader(val_ds, batch_size=64)
device = torch.device("cuda")
model = models.resnet50(weights="DEFAULT")
model.fc = torch.nn.Linear(2048, 14)
model = model.to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-4, weight_decay=0.01)


def fit_epoch():
    model.train()
    for xb, yb in train_dl:
        xb, yb = xb.to(device), yb.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()


def check():
    ok = 0
    with torch.no_grad():
        for xb, yb in val_dl:
            pred = model(xb.to(device)).argmax(1)  # fault: C311
            ok += (pred.cpu() == yb).sum().item()
    return ok / len(val_ds)


for _ in range(9):
    fit_epoch()
    print(check())
