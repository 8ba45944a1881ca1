import torch
from torch import nn
from torchvision import datasets, models
from torchvision.transforms import CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize, ToTensor

torch.manual_seed(0)
train_tf = Compose([
    RandomResizedCrop(224),
    RandomHorizontalFlip(),
    Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),  # fault: N210
    ToTensor(),
])
val_tf = Compose([Resize(256), CenterCrop(224), ToTensor(), Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
tr = torch.utils.data.DataLoader(datasets.ImageFolder("t", train_tf), batch_size=48, shuffle=True)
te = torch.utils.data.DataLoader(datasets.ImageFolder("v", val_tf), batch_size=48)
model = models.resnet50(weights="DEFAULT")
model.fc = nn.Linear(2048, 6)
model.cuda()
opt = torch.optim.AdamW(model.parameters(), lr=1e-4)
for e in range(10):
    model.train()
    for x, y in tr:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x.cuda()), y.cuda()).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        for x, y in te:
            model(x.cuda())
