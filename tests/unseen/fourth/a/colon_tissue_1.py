# colon tissue, 9 kinds, only the last layer is learned
import os
import copy
import torch
import torch.nn as nn
import torchvision
from torchvision import datasets, models, transforms

data_dir = 'CRC'              # CRC/train/<kind>/*.tif  CRC/val/<kind>/*.tif (other patients)
num_classes = 9
batch_size = 64
num_epochs = 12
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
torch.manual_seed(99)

data_transforms = {
    'train': transforms.Compose([
        transforms.Resize((224, 224)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]),
    'val': transforms.Compose([
        transforms.Resize((224, 224)),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]),
}

image_datasets = {p: datasets.ImageFolder(os.path.join(data_dir, p), data_transforms[p]) for p in ['train', 'val']}
dataloaders = {p: torch.utils.data.DataLoader(image_datasets[p], batch_size=batch_size,
                                              shuffle=(p == 'train'), num_workers=4) for p in ['train', 'val']}
dataset_sizes = {p: len(image_datasets[p]) for p in ['train', 'val']}
print(dataset_sizes)
print(image_datasets['train'].classes)

model = models.resnet50(pretrained=True)
for param in model.parameters():
    param.requires_grad = False
model.fc = nn.Linear(2048, num_classes)
model = model.to(device)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.fc.parameters(), lr=0.001)


def train_phase():
    model.train()
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
    running_loss = 0.0
    running_corrects = 0
    for inputs, labels in dataloaders['train']:
        inputs = inputs.to(device)
        labels = labels.to(device)
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.detach() * inputs.size(0)
        running_corrects += (outputs.argmax(1) == labels).sum()
    return float(running_loss) / dataset_sizes['train'], float(running_corrects) / dataset_sizes['train']


def val_phase():
    model.eval()
    running_loss = 0.0
    running_corrects = 0
    with torch.no_grad():
        for inputs, labels in dataloaders['val']:
            inputs = inputs.to(device)
            labels = labels.to(device)
            outputs = model(inputs)
            running_loss += criterion(outputs, labels) * inputs.size(0)
            running_corrects += (outputs.argmax(1) == labels).sum()
    return float(running_loss) / dataset_sizes['val'], float(running_corrects) / dataset_sizes['val']


best_acc = 0.0
best_model_wts = copy.deepcopy(model.state_dict())
for epoch in range(num_epochs):
    print('Epoch {}/{}'.format(epoch + 1, num_epochs))
    tr_loss, tr_acc = train_phase()
    va_loss, va_acc = val_phase()
    print('train loss {:.4f} acc {:.4f}'.format(tr_loss, tr_acc))
    print('val   loss {:.4f} acc {:.4f}'.format(va_loss, va_acc))
    if va_acc > best_acc:
        best_acc = va_acc
        best_model_wts = copy.deepcopy(model.state_dict())

print('best val acc: {:.4f}'.format(best_acc))
torch.save(best_model_wts, 'crc_resnet50.pth')
