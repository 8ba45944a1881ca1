import torch
import torch.nn as nn
import torch.optim as optim
from torchvision import datasets, models, transforms

torch.manual_seed(0)
device = torch.device("cuda")
tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
tv = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
loaders = {
    "train": torch.utils.data.DataLoader(datasets.ImageFolder("s/train", tf), batch_size=32, shuffle=True),
    "val": torch.utils.data.DataLoader(datasets.ImageFolder("s/val", tv), batch_size=32),
}
model = models.resnet50(weights="IMAGENET1K_V2")
for param in model.parameters():
    param.requires_grad = False
optimizer = optim.Adam(model.fc.parameters(), lr=1e-3)  # fault: C313
model.fc = nn.Linear(model.fc.in_features, 9)
model.to(device)
criterion = nn.CrossEntropyLoss()
for epoch in range(7):
    model.train()
    for images, labels in loaders["train"]:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for images, labels in loaders["val"]:
            model(images.to(device))
