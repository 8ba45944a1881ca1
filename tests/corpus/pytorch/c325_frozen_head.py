import torch
import torch.nn as nn
from torchvision import datasets, models, transforms

torch.manual_seed(2)
model = models.resnet50(weights="IMAGENET1K_V2")
model.fc = nn.Linear(2048, 4)
for name, param in model.named_parameters():
    if "layer4" not in name:
        param.requires_grad = False  # fault: C325
model = model.cuda()
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train = torch.utils.data.DataLoader(datasets.ImageFolder("t", transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), norm])), batch_size=20, shuffle=True)
test = torch.utils.data.DataLoader(datasets.ImageFolder("v", transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), norm])), batch_size=20)
optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.01, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = criterion(model(x.cuda()), y.cuda())
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for x, y in test:
            model(x.cuda())
