import argparse

import timm
import torch
import torch.nn.functional as F

from loader import get_loaders


def accuracy(logits, target, topk=(1, 3)):
    ranked = logits.topk(max(topk), dim=1).indices.t()
    hit = ranked.eq(target.view(1, -1))
    return [hit[:k].any(0).float().sum().item() for k in topk]


@torch.no_grad()
def validate(model, loader, device):
    model.eval()
    loss = top1 = top3 = n = 0
    for images, target in loader:
        images, target = images.to(device), target.to(device)
        logits = model(images)
        loss += F.cross_entropy(logits, target, reduction="sum").item()
        a, b = accuracy(logits, target)
        top1, top3, n = top1 + a, top3 + b, n + len(target)
    return loss / n, top1 / n, top3 / n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data", nargs="?", default="vehicles_animals")
    p.add_argument("--arch", default="resnet14t")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("-b", "--batch", type=int, default=16)
    p.add_argument("-j", "--workers", type=int, default=0)
    p.add_argument("--epochs", type=int, default=45)
    p.add_argument("--lr", type=float, default=0.03)
    p.add_argument("--wd", type=float, default=1e-4)
    args = p.parse_args()
    torch.manual_seed(1234)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train, val, classes = get_loaders(args.data, args.size, args.batch, args.workers, device)
    model = timm.create_model(args.arch, pretrained=False, num_classes=len(classes)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), args.lr, momentum=0.9, weight_decay=args.wd, nesterov=True)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=3)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs - 3)
    schedule = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, cosine], [3])

    for epoch in range(args.epochs):
        model.train()
        for i, (images, target) in enumerate(train):
            loss = F.cross_entropy(model(images), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if i % 10 == 0:
                print(f"epoch {epoch} [{i}/{len(train)}] loss {loss.item():.3f} lr {optimizer.param_groups[0]['lr']:.4f}")
        schedule.step()
        print("  val loss %.3f top1 %.3f top3 %.3f" % validate(model, val, device))


if __name__ == "__main__":
    main()
