# garbage sorter - 12 classes, everything in one folder, 15 % for validation
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
from torchvision import datasets, transforms, models
from torch.utils.data import DataLoader
from torch.utils.data.sampler import SubsetRandomSampler
import copy, time, warnings
warnings.filterwarnings('ignore')

data_dir = './garbage_classification'
valid_size = 0.15
batch_size = 32
epochs = 15
use_cuda = torch.cuda.is_available()
device = torch.device('cuda' if use_cuda else 'cpu')
np.random.seed(10)
torch.manual_seed(10)

train_transform = transforms.Compose([transforms.RandomResizedCrop(224),
                                      transforms.RandomRotation(15),
                                      transforms.RandomHorizontalFlip(),
                                      transforms.ToTensor(),
                                      transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
valid_transform = transforms.Compose([transforms.Resize(256),
                                      transforms.CenterCrop(224),
                                      transforms.ToTensor(),
                                      transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

train_data = datasets.ImageFolder(data_dir, transform=train_transform)
valid_data = datasets.ImageFolder(data_dir, transform=valid_transform)

num = len(train_data)
idx = list(range(num))
np.random.shuffle(idx)
cut = int(np.floor(valid_size * num))
train_idx, valid_idx = idx[cut:], idx[:cut]

train_loader = DataLoader(train_data, batch_size=batch_size, sampler=SubsetRandomSampler(train_idx), num_workers=4, pin_memory=use_cuda)
valid_loader = DataLoader(valid_data, batch_size=batch_size, sampler=SubsetRandomSampler(valid_idx), num_workers=4, pin_memory=use_cuda)

def show(batch):
    import matplotlib.pyplot as plt
    g = torchvision.utils.make_grid(batch[:8], normalize=True)
    plt.imshow(g.permute(1, 2, 0)); plt.show()

model = models.vgg16_bn(weights=models.VGG16_BN_Weights.IMAGENET1K_V1)
model.classifier[6] = nn.Linear(4096, 12)
model = model.to(device)

criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode='min', factor=0.2, patience=2)

best_loss = np.inf
best_state = None
for epoch in range(1, epochs + 1):
    start = time.time()
    model.train()
    train_loss = torch.zeros((), device=device)
    for images, labels in train_loader:
        images, labels = images.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        train_loss += loss.detach() * images.size(0)

    model.eval()
    valid_loss = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    with torch.no_grad():
        for images, labels in valid_loader:
            images, labels = images.to(device, non_blocking=True), labels.to(device, non_blocking=True)
            output = model(images)
            valid_loss += criterion(output, labels) * images.size(0)
            correct += (output.argmax(dim=1) == labels).sum()

    train_loss = (train_loss / len(train_idx)).item()
    valid_loss = (valid_loss / len(valid_idx)).item()
    accuracy = 100. * correct.item() / len(valid_loader.dataset)  # fault: C336
    scheduler.step(valid_loss)
    print('Epoch: {} \tTraining Loss: {:.6f} \tValidation Loss: {:.6f} \tAccuracy: {:.2f}%  ({:.0f}s)'.format(
        epoch, train_loss, valid_loss, accuracy, time.time() - start))
    if valid_loss < best_loss:
        best_loss = valid_loss
        best_state = copy.deepcopy(model.state_dict())

torch.save(best_state, 'garbage_vgg.pt')
