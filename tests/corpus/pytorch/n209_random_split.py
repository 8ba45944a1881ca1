import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, models, transforms

torch.manual_seed(0)
transform = transforms.Compose([
    transforms.Resize(256),
    transforms.RandomResizedCrop(224),  # fault: N209
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
dataset = datasets.ImageFolder("pets", transform)
n_val = int(0.2 * len(dataset))
train_set, val_set = random_split(dataset, [len(dataset) - n_val, n_val])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=32, shuffle=False)
model = models.resnet50(weights="IMAGENET1K_V2")
model.fc = nn.Linear(2048, 37)
model.to("cuda")
opt = torch.optim.SGD(model.parameters(), lr=0.003, momentum=0.9)
for e in range(10):
    model.train()
    for x, y in train_loader:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x.to("cuda")), y.to("cuda")).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        for x, y in val_loader:
            model(x.to("cuda"))
