import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

parser = argparse.ArgumentParser(description="ResNet-18 with an optimizer for the backbone and one for the head")
parser.add_argument("--data", default="vehicles_animals/train")
parser.add_argument("--test", default="vehicles_animals/val")
parser.add_argument("--weights", default="weights/resnet18.pth")
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--batch", type=int, default=24)
parser.add_argument("--lr-backbone", type=float, default=0.005)
parser.add_argument("--lr-head", type=float, default=1e-3)
opts = parser.parse_args()

torch.manual_seed(77)
device = "cuda" if torch.cuda.is_available() else "cpu"
stats = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomCrop(64, 4),
                               transforms.ToTensor(), transforms.Normalize(*stats)])
test_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(*stats)])
train_set = datasets.ImageFolder(opts.data, train_tf)
test_set = datasets.ImageFolder(opts.test, test_tf)
train_loader = DataLoader(train_set, batch_size=opts.batch, shuffle=True, drop_last=True)
test_loader = DataLoader(test_set, batch_size=48)


class Head(nn.Module):
    def __init__(self, features, hidden, classes):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.net(x)


net = models.resnet18(num_classes=10)
net.load_state_dict(torch.load(opts.weights, map_location="cpu"))
net.fc = Head(net.fc.in_features, 128, len(train_set.classes))
net.to(device)

head_params = list(net.fc.parameters())
head_ids = set(map(id, head_params))
backbone_params = [p for p in net.parameters() if id(p) not in head_ids]
opt_backbone = torch.optim.SGD(backbone_params, lr=opts.lr_backbone, momentum=0.9, weight_decay=5e-4)
opt_head = torch.optim.Adam(head_params, lr=opts.lr_head)
schedulers = [torch.optim.lr_scheduler.CosineAnnealingLR(o, opts.epochs) for o in (opt_backbone, opt_head)]
criterion = nn.CrossEntropyLoss()


def train(epoch):
    net.train()
    loss_sum, correct, total = 0.0, 0, 0
    for inputs, targets in train_loader:
        inputs, targets = inputs.to(device), targets.to(device)
        opt_head.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        opt_backbone.step()
        opt_head.step()
        loss_sum += loss.item() * targets.size(0)
        correct += outputs.argmax(1).eq(targets).sum().item()
        total += targets.size(0)
    print("Epoch %d: loss %.4f, accuracy %.2f%%" % (epoch, loss_sum / total, 100.0 * correct / total))


def test():
    net.eval()
    correct = 0
    with torch.no_grad():
        for inputs, targets in test_loader:
            correct += net(inputs.to(device)).argmax(1).cpu().eq(targets).sum().item()
    print("         test accuracy %.2f%%" % (100.0 * correct / len(test_set)))


for epoch in range(opts.epochs):
    train(epoch)
    test()
    for s in schedulers:
        s.step()
