import torch
from torch import nn
from torchvision import datasets, models, transforms

torch.manual_seed(0)
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tr = torch.utils.data.DataLoader(datasets.ImageFolder("t", transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), norm])), batch_size=20, shuffle=True)
te = torch.utils.data.DataLoader(datasets.ImageFolder("v", transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), norm])), batch_size=20)
model = models.resnet50(weights="DEFAULT")
model.fc = nn.Linear(2048, 12)
model.cuda()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.05)
lossf = nn.CrossEntropyLoss()


def train_epoch(model, loader):
    model.train()
    for x, y in loader:
        out = model(x.cuda())
        loss = lossf(out, y.cuda())
        loss.backward()
        optimizer.zero_grad()  # fault: C327
        optimizer.step()


def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return [model(x.cuda()).argmax(1) for x, _ in loader]


for epoch in range(10):
    train_epoch(model, tr)
    evaluate(model, te)
