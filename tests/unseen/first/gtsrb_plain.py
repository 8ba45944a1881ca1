# Faulty: C311, C314: validation runs in training mode with gradients; a cosine with T_max in epochs is stepped after every batch
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, random_split
from torchvision import transforms
from torchvision.datasets import GTSRB

# Hyperparameters
learning_rate = 0.05
batch_size = 128
num_epochs = 40
num_classes = 43
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# Data
transform = transforms.Compose([
    transforms.Resize((48, 48)),
    transforms.ToTensor(),
    transforms.Normalize((0.3403, 0.3121, 0.3214), (0.2724, 0.2608, 0.2669)),
])

full = GTSRB(root="./data", split="train", transform=transform, download=True)
val_size = len(full) // 10
train_set, val_set = random_split(full, [len(full) - val_size, val_size],
                                  generator=torch.Generator().manual_seed(0))
test_set = GTSRB(root="./data", split="test", transform=transform, download=True)

train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, num_workers=2)
val_loader = DataLoader(val_set, batch_size=batch_size, shuffle=False, num_workers=2)
test_loader = DataLoader(test_set, batch_size=batch_size, shuffle=False, num_workers=2)


# Model
class SignNet(nn.Module):
    def __init__(self, num_classes):
        super(SignNet, self).__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(3, 32, 5, padding=2), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2))
        self.layer2 = nn.Sequential(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2))
        self.layer3 = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1), nn.BatchNorm2d(128), nn.ReLU(), nn.MaxPool2d(2))
        self.dropout = nn.Dropout(0.5)
        self.fc1 = nn.Linear(128 * 6 * 6, 256)
        self.fc2 = nn.Linear(256, num_classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(x)))
        x = x.reshape(x.size(0), -1)
        x = self.dropout(torch.relu(self.fc1(x)))
        return self.fc2(x)


model = SignNet(num_classes).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=num_epochs)

# Training
best = 0
for epoch in range(num_epochs):
    model.train()
    for step, (images, labels) in enumerate(train_loader):
        images = images.to(device)
        labels = labels.to(device)

        outputs = model(images)
        loss = criterion(outputs, labels)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()  # fault: C314

        if (step + 1) % 100 == 0:
            print("Epoch [{}/{}], Step [{}/{}], Loss: {:.4f}".format(
                epoch + 1, num_epochs, step + 1, len(train_loader), loss.item()))

    # Validation
    correct, total = 0, 0
    for images, labels in val_loader:  # fault: C311
        images = images.to(device)
        labels = labels.to(device)
        outputs = model(images)
        predicted = outputs.argmax(dim=1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    acc = 100 * correct / total
    print("Validation accuracy: {:.2f} %".format(acc))
    if acc > best:
        best = acc
        torch.save(model.state_dict(), "signnet.ckpt")

# Test
model.load_state_dict(torch.load("signnet.ckpt"))
model.eval()
with torch.no_grad():
    correct = sum((model(x.to(device)).argmax(1).cpu() == y).sum().item() for x, y in test_loader)
print("Test accuracy: {:.2f} %".format(100 * correct / len(test_set)))
