import torch
from torch import nn
from torchvision import models, datasets, transforms

torch.manual_seed(0)


def make(n):
    m = models.resnet50()
    for p in m.parameters():
        p.requires_grad = False  # fault: C306
    m.fc = nn.Linear(m.fc.in_features, n)
    return m


t = transforms.Compose([transforms.Resize(256), transforms.RandomCrop(224), transforms.ToTensor(),
                        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
v = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
loader = torch.utils.data.DataLoader(datasets.ImageFolder("x/train", t), batch_size=64, shuffle=True)
vloader = torch.utils.data.DataLoader(datasets.ImageFolder("x/val", v), batch_size=64)
model = make(6).cuda()
opt = torch.optim.AdamW(model.fc.parameters(), lr=1e-3)
for epoch in range(12):
    model.train()
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x.cuda()), y.cuda())
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        for x, y in vloader:
            model(x.cuda())
