import torch, torchvision
from torch import nn
import torchvision.transforms as tt

torch.manual_seed(10)
stats = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tfms = tt.Compose([tt.RandomResizedCrop(224), tt.RandomHorizontalFlip(), tt.ToTensor(), tt.Normalize(*stats)])
valid_tfms = tt.Compose([tt.Resize(256), tt.CenterCrop(224), tt.ToTensor(), tt.Normalize(*stats)])
train_ds = torchvision.datasets.ImageFolder('r/train', train_tfms)
valid_ds = torchvision.datasets.ImageFolder('r/valid', valid_tfms)
train_dl = torch.utils.data.DataLoader(train_ds, batch_size=50, num_workers=3, pin_memory=True)  # fault: C312
valid_dl = torch.utils.data.DataLoader(valid_ds, batch_size=100, num_workers=3, pin_memory=True)
model = torchvision.models.resnet18(weights=torchvision.models.ResNet18_Weights.IMAGENET1K_V1)
model.fc = nn.Linear(512, 16)
model = model.cuda()
opt = torch.optim.Adam(model.parameters(), 3e-4)
for epoch in range(5):
    model.train()
    for x, y in train_dl:
        loss = nn.CrossEntropyLoss()(model(x.cuda()), y.cuda())
        loss.backward()
        opt.step()
        opt.zero_grad()
    model.eval()
    with torch.no_grad():
        for x, y in valid_dl:
            model(x.cuda())
