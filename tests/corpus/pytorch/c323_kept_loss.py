import torch
from torch import nn, optim
from torchvision import datasets, models, transforms

torch.manual_seed(0)
dev = torch.device("cuda")
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
trl = torch.utils.data.DataLoader(datasets.ImageFolder("w/t", transforms.Compose([transforms.RandomResizedCrop(160), transforms.ToTensor(), norm])), batch_size=32, shuffle=True)
val = torch.utils.data.DataLoader(datasets.ImageFolder("w/v", transforms.Compose([transforms.Resize((160, 160)), transforms.ToTensor(), norm])), batch_size=32)
net = models.resnet50(weights="DEFAULT")
net.fc = nn.Linear(2048, 30)
net.to(dev)
opt = optim.AdamW(net.parameters(), lr=1e-4)
loss_fn = nn.CrossEntropyLoss()
history = []
for epoch in range(30):
    net.train()
    epoch_loss = 0
    for x, y in trl:
        x, y = x.to(dev), y.to(dev)
        opt.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        opt.step()
        epoch_loss += loss  # fault: C323
    history.append(float(epoch_loss))
    net.eval()
    with torch.no_grad():
        for x, y in val:
            net(x.to(dev))
