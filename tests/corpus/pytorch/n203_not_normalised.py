import torch
from torch import nn
from torchvision import datasets, models, transforms

torch.manual_seed(0)
aug = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor()])  # fault: N203
plain = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
tr = torch.utils.data.DataLoader(datasets.ImageFolder("t", aug), batch_size=48, shuffle=True)
te = torch.utils.data.DataLoader(datasets.ImageFolder("v", plain), batch_size=48)
model = models.resnet50(weights=models.ResNet50_Weights.DEFAULT)
model.requires_grad_(False)
model.fc = nn.Linear(2048, 6)
model.cuda()
opt = torch.optim.Adam(model.fc.parameters(), lr=1e-3)
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
