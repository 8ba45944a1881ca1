# Project 2 - image classification on the small pickled batches
# run: python cifar_train.py  (data in ./batches)

import argparse
import os
import pickle

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader
from torchvision import transforms

parser = argparse.ArgumentParser()
parser.add_argument('--data', default='batches', type=str)
parser.add_argument('--bs', default=32, type=int)
parser.add_argument('--lr', default=0.05, type=float)
parser.add_argument('--epochs', default=80, type=int)
parser.add_argument('--save', default='batches_ckpt.pth', type=str)
args = parser.parse_args()

torch.manual_seed(1234)
device = 'cuda' if torch.cuda.is_available() else 'cpu'


def unpickle(file):
    with open(file, 'rb') as fo:
        return pickle.load(fo)


class SmallCifar(Dataset):
    """Reads the batch files. Converting the rows to PIL images is slow, so ready items are kept in memory."""

    def __init__(self, root, train, transform):
        files = ['data_batch_1', 'data_batch_2', 'data_batch_3'] if train else ['test_batch']
        data, labels = [], []
        for name in files:
            batch = unpickle(os.path.join(root, name))
            data.append(batch['data'])
            labels += batch['labels']
        # rows are planes: 3 x 32 x 32
        self.data = np.concatenate(data).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.labels = labels
        self.transform = transform
        self.to_pil = transforms.ToPILImage()
        self.memory = [None] * len(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        if self.memory[index] is None:
            img = self.to_pil(np.ascontiguousarray(self.data[index]))
            self.memory[index] = self.transform(img)
        return self.memory[index], self.labels[index]


mean = (0.4914, 0.4822, 0.4465)
std = (0.2470, 0.2435, 0.2616)

train_transform = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.RandomRotation(10),
    transforms.ToTensor(),
    transforms.Normalize(mean, std),
    transforms.RandomErasing(p=0.25, scale=(0.02, 0.15)),
])
test_transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize(mean, std),
])

trainset = SmallCifar(args.data, True, train_transform)
testset = SmallCifar(args.data, False, test_transform)
trainloader = DataLoader(trainset, batch_size=args.bs, shuffle=True)
testloader = DataLoader(testset, batch_size=100, shuffle=False)
classes = unpickle(os.path.join(args.data, 'batches.meta'))['label_names']
print(len(trainset), 'training images,', len(testset), 'test images,', len(classes), 'classes')


class BasicBlock(nn.Module):
    def __init__(self, in_ch, out_ch, stride=1):
        super(BasicBlock, self).__init__()
        self.conv1 = nn.Conv2d(in_ch, out_ch, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_ch)
        self.conv2 = nn.Conv2d(out_ch, out_ch, 3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_ch)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_ch != out_ch:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_ch, out_ch, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_ch))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))


class ResNet14(nn.Module):
    def __init__(self, num_classes=10):
        super(ResNet14, self).__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.make_layer(16, 16, 1)
        self.layer2 = self.make_layer(16, 32, 2)
        self.layer3 = self.make_layer(32, 64, 2)
        self.linear = nn.Linear(64, num_classes)

    def make_layer(self, in_ch, out_ch, stride):
        return nn.Sequential(BasicBlock(in_ch, out_ch, stride), BasicBlock(out_ch, out_ch))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        out = F.adaptive_avg_pool2d(out, 1).flatten(1)
        return self.linear(out)


net = ResNet14(len(classes)).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[int(args.epochs * 0.5), int(args.epochs * 0.8)], gamma=0.1)


def train(epoch):
    net.train()
    train_loss, correct, total = 0, 0, 0
    for batch_idx, (inputs, targets) in enumerate(trainloader):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()

        train_loss += loss.item() * targets.size(0)
        total += targets.size(0)
        correct += outputs.argmax(1).eq(targets).sum().item()
        if batch_idx % 10 == 0:
            print('Epoch %d %d/%d Loss: %.3f Acc: %.3f' % (epoch, batch_idx, len(trainloader), train_loss / total, 100. * correct / total))


def test(epoch):
    global best_acc
    net.eval()
    test_loss, correct, total = 0, 0, 0
    per_class = torch.zeros(len(classes))
    with torch.no_grad():
        for inputs, targets in testloader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = net(inputs)
            test_loss += criterion(outputs, targets).item() * targets.size(0)
            hit = outputs.argmax(1).eq(targets)
            correct += hit.sum().item()
            total += targets.size(0)
            per_class += torch.bincount(targets[hit].cpu(), minlength=len(classes))
    acc = 100. * correct / total
    print('Test: Loss %.3f Acc %.3f' % (test_loss / total, acc))
    if acc > best_acc:
        print('Saving..')
        torch.save({'net': net.state_dict(), 'acc': acc, 'epoch': epoch}, args.save)
        best_acc = acc
    return per_class


best_acc = 0
for epoch in range(args.epochs):
    train(epoch)
    per_class = test(epoch)
    scheduler.step()
print('best', best_acc)
for name, hits in zip(classes, per_class.tolist()):
    print('%12s %d' % (name, hits))
