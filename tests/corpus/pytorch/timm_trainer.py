import argparse

import timm
import torch
import torch.nn as nn
from timm.data import create_dataset, create_loader
from timm.optim import create_optimizer_v2, optimizer_kwargs
from timm.scheduler import create_scheduler_v2
from timm.utils import AverageMeter, accuracy

parser = argparse.ArgumentParser(description="timm training")
parser.add_argument("data_dir", nargs="?", default="data")
parser.add_argument("--model", default="resnet50d", type=str)
parser.add_argument("--pretrained", action="store_true", default=False)
parser.add_argument("--num-classes", type=int, default=101)
parser.add_argument("--img-size", type=int, default=224)
parser.add_argument("-b", "--batch-size", type=int, default=128)
parser.add_argument("--opt", default="adamw", type=str)
parser.add_argument("--weight-decay", type=float, default=0.05)
parser.add_argument("--momentum", type=float, default=0.9)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--sched", default="cosine", type=str)
parser.add_argument("--epochs", type=int, default=100)
parser.add_argument("--seed", type=int, default=42)


def main():
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    device = torch.device("cuda")
    model = timm.create_model(args.model, pretrained=args.pretrained, num_classes=args.num_classes)
    model.to(device=device)
    optimizer = create_optimizer_v2(model, **optimizer_kwargs(cfg=args))
    train_set = create_dataset("", root=args.data_dir, split="train", is_training=True)
    eval_set = create_dataset("", root=args.data_dir, split="validation", is_training=False)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    loader_train = create_loader(train_set, input_size=(3, args.img_size, args.img_size), batch_size=args.batch_size,
                                 is_training=True, mean=mean, std=std, auto_augment="rand-m9-mstd0.5-inc1")
    loader_eval = create_loader(eval_set, input_size=(3, args.img_size, args.img_size), batch_size=args.batch_size,
                                is_training=False, mean=mean, std=std)
    train_loss_fn = nn.CrossEntropyLoss().to(device)
    scheduler, num_epochs = create_scheduler_v2(optimizer, sched=args.sched, num_epochs=args.epochs)
    for epoch in range(args.epochs):
        model.train()
        losses = AverageMeter()
        for input, target in loader_train:
            input, target = input.to(device), target.to(device)
            output = model(input)
            loss = train_loss_fn(output, target)
            losses.update(loss.item(), input.size(0))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        validate(model, loader_eval, device)
        scheduler.step(epoch + 1)


def validate(model, loader, device):
    top1 = AverageMeter()
    model.eval()
    with torch.no_grad():
        for input, target in loader:
            output = model(input.to(device))
            acc1, acc5 = accuracy(output, target.to(device), topk=(1, 5))
            top1.update(acc1.item(), output.size(0))
    return top1.avg


if __name__ == "__main__":
    main()
