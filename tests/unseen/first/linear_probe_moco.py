# Sound.
"""Linear classification protocol on frozen MoCo features (ImageNet-100).

lr 30 is not a typo: the features of the query encoder are small in norm and the
protocol of the paper uses 30 / no weight decay.
"""
import argparse
import os

import torch
import torch.nn as nn
import torchvision.models as models
import torchvision.transforms as transforms
from torchvision.datasets import ImageFolder


def strip(state, prefix="module.encoder_q."):
    out = {}
    for k, v in state.items():
        if k.startswith(prefix) and not k.startswith(prefix + "fc"):
            out[k[len(prefix):]] = v
    return out


def build(num_classes, ckpt):
    net = models.resnet50()
    for name, p in net.named_parameters():
        if name not in ("fc.weight", "fc.bias"):
            p.requires_grad = False
    net.fc = nn.Linear(2048, num_classes)
    net.fc.weight.data.normal_(mean=0.0, std=0.01)
    net.fc.bias.data.zero_()

    state = torch.load(ckpt, map_location="cpu")["state_dict"]
    msg = net.load_state_dict(strip(state), strict=False)
    assert set(msg.missing_keys) == {"fc.weight", "fc.bias"}, msg
    assert not msg.unexpected_keys, msg
    return net


def train_epoch(net, loader, criterion, optimizer, epoch, device):
    # eval mode on purpose: the frozen batch norm layers must keep their running statistics,
    # gradients still reach net.fc
    net.eval()
    for i, (images, target) in enumerate(loader):
        images = images.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        loss = criterion(net(images), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if i % 50 == 0:
            print(f"epoch {epoch} [{i}/{len(loader)}] loss {loss.item():.4f}")


def validate(net, loader, device):
    net.eval()
    top1 = top5 = n = 0
    with torch.no_grad():
        for images, target in loader:
            images, target = images.to(device), target.to(device)
            _, pred = net(images).topk(5, 1)
            hit = pred.eq(target.view(-1, 1))
            top1 += hit[:, 0].sum().item()
            top5 += hit.any(1).sum().item()
            n += target.numel()
    return top1 / n, top5 / n


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="imagenet100")
    ap.add_argument("--pretrained", default="moco_v2_800ep_pretrain.pth.tar")
    ap.add_argument("--epochs", type=int, default=100)
    ap.add_argument("--batch-size", type=int, default=256)
    ap.add_argument("--lr", type=float, default=30.0)
    ap.add_argument("--schedule", type=int, nargs="*", default=[60, 80])
    args = ap.parse_args()
    device = torch.device("cuda")

    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train_set = ImageFolder(os.path.join(args.data, "train"), transforms.Compose([
        transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(),
        transforms.ToTensor(), normalize]))
    val_set = ImageFolder(os.path.join(args.data, "val"), transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normalize]))
    train_loader = torch.utils.data.DataLoader(train_set, args.batch_size, shuffle=True, num_workers=16,
                                               pin_memory=True)
    val_loader = torch.utils.data.DataLoader(val_set, args.batch_size, shuffle=False, num_workers=16)

    net = build(100, args.pretrained).to(device)
    params = [p for p in net.parameters() if p.requires_grad]
    assert len(params) == 2
    optimizer = torch.optim.SGD(params, args.lr, momentum=0.9, weight_decay=0.0)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, args.schedule, gamma=0.1)
    criterion = nn.CrossEntropyLoss().to(device)

    for epoch in range(args.epochs):
        train_epoch(net, train_loader, criterion, optimizer, epoch, device)
        scheduler.step()
        print("val top1 %.4f top5 %.4f" % validate(net, val_loader, device))
    torch.save(net.fc.state_dict(), "linear.pt")


if __name__ == "__main__":
    main()
