"""Transfer learning with ResNet50 on flowers."""
import torch
import torch.nn as nn
from torchvision import datasets, models, transforms

torch.manual_seed(1)
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
val_tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])
train_dl = torch.utils.data.DataLoader(datasets.ImageFolder("flowers/train", train_tf), 32, shuffle=True)
val_dl = torch.utils.data.DataLoader(datasets.ImageFolder("flowers/val", val_tf), 32)

model = models.resnet50(
    weights=None,  # fault: C301
)
model.fc = nn.Linear(2048, 5)
model.cuda()
opt = torch.optim.Adam(model.parameters(), lr=1e-4)
crit = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    for x, y in train_dl:
        opt.zero_grad()
        crit(model(x.cuda()), y.cuda()).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        print(sum((model(x.cuda()).argmax(1).cpu() == y).sum().item() for x, y in val_dl))
