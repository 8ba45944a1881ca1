import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import LambdaLR
from torchvision.models import resnet50
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torch.utils.data import DataLoader


class LabelSmoothing(nn.Module):
    """NLL loss with label smoothing."""
    def __init__(self, smoothing=0.0):
        super(LabelSmoothing, self).__init__()
        self.confidence = 1.0 - smoothing
        self.smoothing = smoothing

    def forward(self, x, target):
        logprobs = torch.nn.functional.log_softmax(x, dim=-1)
        nll_loss = -logprobs.gather(dim=-1, index=target.unsqueeze(1))
        nll_loss = nll_loss.squeeze(1)
        smooth_loss = -logprobs.mean(dim=-1)
        loss = self.confidence * nll_loss + self.smoothing * smooth_loss
        return loss.mean()


def get_cosine_schedule(optimizer, warmup, total):
    def lr_lambda(step):
        if step < warmup:
            return step / max(1, warmup)
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))
    return LambdaLR(optimizer, lr_lambda)


def split_params(model, wd):
    decay, skip = [], []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        (skip if p.ndim == 1 or name.endswith('.bias') else decay).append(p)
    return [{'params': decay, 'weight_decay': wd}, {'params': skip, 'weight_decay': 0.}]


def main(epochs=120, bs=256, lr=0.1, wd=5e-5, size=224, num_classes=100):
    torch.manual_seed(0)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    train = ImageFolder('imagenet100/train', transforms.Compose([
        transforms.RandomResizedCrop(size), transforms.RandomHorizontalFlip(), transforms.AutoAugment(), transforms.ToTensor(),
        transforms.Normalize(mean, std)]))
    val = ImageFolder('imagenet100/val', transforms.Compose([
        transforms.Resize(int(size / 0.875)), transforms.CenterCrop(size), transforms.ToTensor(), transforms.Normalize(mean, std)]))
    tl = DataLoader(train, bs, shuffle=True, num_workers=8, drop_last=True)
    vl = DataLoader(val, bs, num_workers=8)
    model = resnet50(num_classes=num_classes, zero_init_residual=True).cuda()
    model = model.to(memory_format=torch.channels_last)
    opt = torch.optim.SGD(split_params(model, wd), lr=lr * bs / 256, momentum=0.9, nesterov=True)
    sched = get_cosine_schedule(opt, 5 * len(tl), epochs * len(tl))
    crit = LabelSmoothing(0.1)
    for ep in range(epochs):
        model.train()
        for x, y in tl:
            x = x.cuda(non_blocking=True).to(memory_format=torch.channels_last)
            y = y.cuda(non_blocking=True)
            loss = crit(model(x), y)
            for p in model.parameters():
                p.grad = None
            loss.backward()
            opt.step()
            sched.step()
        model.eval()
        good = 0
        with torch.no_grad():
            for x, y in vl:
                good += (model(x.cuda()).argmax(1) == y.cuda()).sum()
        print(ep, good.item() / len(val))


if __name__ == '__main__':
    main()
