import torch
import torch.nn as nn
from torch.optim.lr_scheduler import StepLR
from torchvision import datasets, models, transforms

torch.manual_seed(9)
epochs = 90
tr = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
te = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
train_loader = torch.utils.data.DataLoader(datasets.ImageFolder('u/train', tr), batch_size=256, shuffle=True)
test_loader = torch.utils.data.DataLoader(datasets.ImageFolder('u/val', te), batch_size=256)
model = nn.DataParallel(models.resnet50(num_classes=100)).cuda()
criterion = nn.CrossEntropyLoss().cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = StepLR(optimizer, step_size=30, gamma=0.1)
for epoch in range(epochs):
    model.train()
    for input, target in train_loader:
        output = model(input.cuda())
        loss = criterion(output, target.cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()  # fault: C314
    model.eval()
    with torch.no_grad():
        for input, target in test_loader:
            model(input.cuda())
