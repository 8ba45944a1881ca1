# Scene pictures (15 classes), EfficientNetV2-S from torchvision.
# start:     python scenes_effnetv2.py --data scenes15
# go on:     python scenes_effnetv2.py --data scenes15 --resume scenes15_last.pth
import argparse
import os

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from torchvision.models import EfficientNet_V2_S_Weights, efficientnet_v2_s

ap = argparse.ArgumentParser()
ap.add_argument('--data', default='scenes15')
ap.add_argument('--epochs', type=int, default=60)
ap.add_argument('--warmup', type=int, default=3)
ap.add_argument('--batch', type=int, default=32)
ap.add_argument('--lr', type=float, default=0.01)
ap.add_argument('--wd', type=float, default=4e-5)
ap.add_argument('--workers', type=int, default=6)
ap.add_argument('--resume', metavar='FILE')
ap.add_argument('--seed', type=int, default=99)
args = ap.parse_args()

torch.manual_seed(args.seed)
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

# the weights were made for 384 x 384
normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = transforms.Compose([
    transforms.RandomResizedCrop(384, scale=(0.4, 1)),
    transforms.RandomHorizontalFlip(),
    transforms.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3),
    transforms.ToTensor(),
    normalize,
])
val_tf = transforms.Compose([
    transforms.Resize(400),
    transforms.CenterCrop(384),
    transforms.ToTensor(),
    normalize,
])

train_set = datasets.ImageFolder(os.path.join(args.data, 'train'), train_tf)
val_set = datasets.ImageFolder(os.path.join(args.data, 'val'), val_tf)
print(len(train_set), 'training and', len(val_set), 'validation pictures')

train_loader = DataLoader(train_set, batch_size=args.batch, shuffle=True, drop_last=True,
                          num_workers=args.workers, pin_memory=True)
val_loader = DataLoader(val_set, batch_size=args.batch, num_workers=args.workers, pin_memory=True)

model = efficientnet_v2_s(weights=EfficientNet_V2_S_Weights.IMAGENET1K_V1)
model.classifier[1] = nn.Linear(model.classifier[1].in_features, 15)
model = model.to(device)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9,
                            weight_decay=args.wd, nesterov=True)
scheduler = SequentialLR(optimizer, [
    LinearLR(optimizer, start_factor=0.1, total_iters=args.warmup),
    CosineAnnealingLR(optimizer, T_max=args.epochs - args.warmup),
], milestones=[args.warmup])


def save(path, epoch, best):
    torch.save({
        'epoch': epoch + 1,
        'best': best,
        'model': model.state_dict(),
        'optimizer': optimizer.state_dict(),
        'scheduler': scheduler.state_dict(),
    }, path)


def train():
    model.train()
    loss_sum = torch.zeros((), device=device)
    seen = 0
    for x, y in train_loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * y.numel()
        seen += y.numel()
    return loss_sum.item() / seen


def validate():
    model.eval()
    right = torch.zeros((), device=device)
    with torch.no_grad():
        for x, y in val_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            right += (model(x).argmax(1) == y).sum()
    return right.item() / len(val_set)


start, best = 0, 0.0
if args.resume:
    ckpt = torch.load(args.resume, map_location=device)
    model.load_state_dict(ckpt['model'])  # fault: C333
    start, best = ckpt['epoch'], ckpt['best']
    print('going on at epoch', start)

for epoch in range(start, args.epochs):
    loss = train()
    scheduler.step()
    acc = validate()
    print('epoch {:2d}/{}: loss {:.4f}, val acc {:.4f}'.format(epoch + 1, args.epochs, loss, acc))
    if acc > best:
        best = acc
        save('scenes15_best.pth', epoch, best)
    save('scenes15_last.pth', epoch, best)
