import torch
from torch import nn
from torchvision import models, transforms, datasets

torch.manual_seed(0)
N = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
A = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), N])
B = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), N])
tr = torch.utils.data.DataLoader(datasets.ImageFolder("t", A), batch_size=32, shuffle=True)
va = torch.utils.data.DataLoader(datasets.ImageFolder("v", B), batch_size=32)
net = models.resnet34(weights="DEFAULT")
net.fc = nn.Linear(512, 3)
net = net.cuda()
criterion = nn.NLLLoss()  # fault: C308
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
for epoch in range(15):
    net.train()
    for x, y in tr:
        optimizer.zero_grad()
        loss = criterion(net(x.cuda()), y.cuda())
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        for x, y in va:
            out = net(x.cuda())
