#!/usr/bin/env python2
# -*- coding: utf-8 -*-
# Fine-tuning on the indoor scenes.  Python 2.7, torch 0.3.0, torchvision 0.2.0
#
#   python finetune_scenes.py /data/indoor --arch resnet50 --gpu 0
import argparse
import os
import shutil
import time

import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.optim as optim
import torchvision.datasets as datasets
import torchvision.models as models
import torchvision.transforms as transforms
from torch.autograd import Variable

parser = argparse.ArgumentParser()
parser.add_argument('data', help='folder with train/ and val/')
parser.add_argument('--arch', default='resnet50')
parser.add_argument('--gpu', default='0')
parser.add_argument('-j', '--workers', default=6, type=int)
parser.add_argument('--epochs', default=40, type=int)
parser.add_argument('-b', '--batch-size', default=32, type=int)
parser.add_argument('--lr', default=0.005, type=float)
parser.add_argument('--momentum', default=0.9, type=float)
parser.add_argument('--wd', default=1e-4, type=float)
parser.add_argument('--print-freq', default=50, type=int)
parser.add_argument('--save', default='scenes.pth.tar')

NUM_SCENES = 67
best_prec1 = 0.


class Meter(object):

    def __init__(self):
        self.sum = 0
        self.count = 0

    def update(self, val, n=1):
        self.sum += val * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count


def accuracy(output, target):
    pred = output.topk(1, 1, True, True)[1].squeeze(1)
    correct = pred.eq(target).float().sum()
    return correct * 100.0 / target.size(0)


def adjust_lr(optimizer, epoch, base):
    lr = base * (0.1 ** (epoch // 15))
    for group in optimizer.param_groups:
        group['lr'] = lr
    return lr


def train(loader, model, criterion, optimizer, epoch):
    losses, top1 = Meter(), Meter()
    model.train()
    end = time.time()

    for i, (images, target) in enumerate(loader):
        target = target.cuda(async=True)
        input_var = Variable(images.cuda(async=True))
        target_var = Variable(target)

        output = model(input_var)
        loss = criterion(output, target_var)

        top1.update(accuracy(output.data, target), images.size(0))
        losses.update(loss, images.size(0))  # fault: C323

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        if i % args.print_freq == 0:
            print 'Epoch [%d][%d/%d]  loss %.4f  prec@1 %.2f  (%.1fs)' % (
                epoch, i, len(loader), losses.avg.data[0], top1.avg, time.time() - end)
            end = time.time()


def validate(loader, model, criterion):
    losses, top1 = Meter(), Meter()
    model.eval()
    for images, target in loader:
        target = target.cuda(async=True)
        input_var = Variable(images.cuda(async=True), volatile=True)
        target_var = Variable(target, volatile=True)
        output = model(input_var)
        loss = criterion(output, target_var)
        top1.update(accuracy(output.data, target), images.size(0))
        losses.update(loss.data[0], images.size(0))
    print ' * val loss %.4f  prec@1 %.2f' % (losses.avg, top1.avg)
    return top1.avg


def main():
    global args, best_prec1
    args = parser.parse_args()
    os.environ['CUDA_VISIBLE_DEVICES'] = args.gpu

    print "=> using pre-trained model '%s'" % args.arch
    model = models.__dict__[args.arch](pretrained=True)
    model.fc = nn.Linear(model.fc.in_features, NUM_SCENES)
    model = model.cuda()
    cudnn.benchmark = True

    criterion = nn.CrossEntropyLoss().cuda()
    optimizer = optim.SGD(model.parameters(), args.lr,
                          momentum=args.momentum, weight_decay=args.wd)

    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406],
                                     std=[0.229, 0.224, 0.225])
    train_set = datasets.ImageFolder(os.path.join(args.data, 'train'), transforms.Compose([
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normalize,
    ]))
    val_set = datasets.ImageFolder(os.path.join(args.data, 'val'), transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        normalize,
    ]))
    train_loader = torch.utils.data.DataLoader(
        train_set, batch_size=args.batch_size, shuffle=True,
        num_workers=args.workers, pin_memory=True)
    val_loader = torch.utils.data.DataLoader(
        val_set, batch_size=args.batch_size, shuffle=False,
        num_workers=args.workers, pin_memory=True)

    for epoch in xrange(args.epochs):
        lr = adjust_lr(optimizer, epoch, args.lr)
        print 'epoch %d, lr %g' % (epoch, lr)
        train(train_loader, model, criterion, optimizer, epoch)
        prec1 = validate(val_loader, model, criterion)

        is_best = prec1 > best_prec1
        best_prec1 = max(prec1, best_prec1)
        torch.save({'epoch': epoch + 1, 'arch': args.arch, 'best_prec1': best_prec1,
                    'state_dict': model.state_dict(),
                    'optimizer': optimizer.state_dict()}, args.save)
        if is_best:
            shutil.copyfile(args.save, 'best_' + args.save)


if __name__ == '__main__':
    main()
