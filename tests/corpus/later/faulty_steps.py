import torch
import torchvision
import torchvision.transforms as transforms
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import ReduceLROnPlateau

torch.manual_seed(1)
device = torch.device('cuda')
train_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.RandomRotation(10), transforms.PILToTensor(),
                               transforms.ConvertImageDtype(torch.float), transforms.Normalize(mean=[0.229, 0.224, 0.225],  # fault: N206
                                                                                              std=[0.485, 0.456, 0.406])])
test_tf = transforms.Compose([transforms.Resize((224, 224)), transforms.PILToTensor(), transforms.ConvertImageDtype(torch.float),
                              transforms.Normalize(mean=[0.229, 0.224, 0.225], std=[0.485, 0.456, 0.406])])
trainset = torchvision.datasets.ImageFolder('data/train', train_tf)
testset = torchvision.datasets.ImageFolder('data/test', test_tf)
loaders = dict(train=torch.utils.data.DataLoader(trainset, batch_size=16, shuffle=True),
               test=torch.utils.data.DataLoader(testset, batch_size=16))


def create_model(n_classes):
    net = torchvision.models.resnet50(weights=torchvision.models.ResNet50_Weights.IMAGENET1K_V1)
    net.fc = nn.Sequential(nn.Linear(2048, 256), nn.ReLU(), nn.Dropout(.4), nn.Linear(256, n_classes), nn.LogSoftmax(dim=1))
    return net


model = create_model(3).to(device)
criterion = nn.NLLLoss()
optimizer = Adam(model.parameters(), lr=1e-4)
scheduler = ReduceLROnPlateau(optimizer, patience=3)
train_losses = []
model.train()
for epoch in range(20):
    losses = []
    for images, labels in loaders['train']:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        out = model(images)
        loss = criterion(out, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss)  # fault: C323
    model.eval()  # fault: C311
    val_loss = 0
    with torch.no_grad():
        for images, labels in loaders['test']:
            val_loss += criterion(model(images.to(device)), labels.to(device)).item()
    scheduler.step()  # fault: C314
