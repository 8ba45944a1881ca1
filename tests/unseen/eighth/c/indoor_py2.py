#!/usr/bin/env python2
# -*- coding: utf-8 -*-
# MIT Indoor-67, AlexNet fine-tuning.  python 2.7, torch 0.3.0, torchvision 0.1.9
import os
import shutil
import sys
import time
from optparse import OptionParser

import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.utils.data
import torchvision.datasets as datasets
import torchvision.models as models
import torchvision.transforms as transforms
from torch.autograd import Variable

parser = OptionParser(usage='%prog [options] DATA')
parser.add_option('--lr', type='float', default=0.001)
parser.add_option('--bs', type='int', default=64)
parser.add_option('--epochs', type='int', default=45)
parser.add_option('--step', type='int', default=15)
parser.add_option('--resume', default='')
parser.add_option('--seed', type='int', default=1701)
opts, rest = parser.parse_args()
if len(rest) != 1:
    parser.error('where is the data?')
data = rest[0]

torch.manual_seed(opts.seed)
torch.cuda.manual_seed_all(opts.seed)
cudnn.benchmark = True

normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406],
                                 std=[0.229, 0.224, 0.225])
train_set = datasets.ImageFolder(os.path.join(data, 'train'), transforms.Compose([
    transforms.RandomSizedCrop(224),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    normalize]))
val_set = datasets.ImageFolder(os.path.join(data, 'val'), transforms.Compose([
    transforms.Scale(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    normalize]))
assert train_set.classes == val_set.classes
print '%d train, %d val, %d classes' % (len(train_set), len(val_set), len(train_set.classes))

train_loader = torch.utils.data.DataLoader(train_set, batch_size=opts.bs, shuffle=True,
                                           num_workers=4, pin_memory=True)
val_loader = torch.utils.data.DataLoader(val_set, batch_size=opts.bs, shuffle=False,
                                         num_workers=4, pin_memory=True)

model = models.alexnet(pretrained=True)
layers = list(model.classifier.children())
layers[-1] = nn.Linear(4096, 67)
model.classifier = nn.Sequential(*layers)
model.cuda()

criterion = nn.CrossEntropyLoss().cuda()
# the new layer learns ten times as fast
old = [p for n, p in model.named_parameters() if not n.startswith('classifier.6')]
optimizer = torch.optim.SGD([{'params': old, 'scale': 1.0},
                             {'params': model.classifier[6].parameters(), 'scale': 10.0}],
                            lr=opts.lr, momentum=0.9, weight_decay=5e-4)

start, best = 0, 0.0
if opts.resume:
    state = torch.load(opts.resume)
    start, best = state['epoch'], state['best']
    model.load_state_dict(state['model'])
    optimizer.load_state_dict(state['optimizer'])
    print 'resumed at epoch', start


def set_lr(epoch):
    lr = opts.lr * 0.1 ** (epoch // opts.step)
    for group in optimizer.param_groups:
        group['lr'] = lr * group['scale']
    return lr


def train(epoch):
    model.train()
    total, n, t0 = 0.0, 0, time.time()
    for i, (x, y) in enumerate(train_loader):
        x = Variable(x.cuda(async=True))
        y = Variable(y.cuda(async=True))
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.data[0] * y.size(0)
        n += y.size(0)
        if i % 20 == 0:
            sys.stdout.write('\r%d/%d  %.3f' % (i, len(train_loader), total / n))
            sys.stdout.flush()
    print '\repoch %d  loss %.4f  (%.0fs)' % (epoch, total / n, time.time() - t0),


def validate():
    model.eval()
    hit, n = 0, 0
    for x, y in val_loader:
        out = model(Variable(x.cuda(), volatile=True))
        _, guess = out.data.max(1)
        hit += (guess.cpu() == y).sum()
        n += y.size(0)
    return 100. * hit / n


for epoch in xrange(start, opts.epochs):
    lr = set_lr(epoch)
    train(epoch)
    acc = validate()
    print ' lr %g  val %.2f%%' % (lr, acc)
    improved = acc > best
    best = max(acc, best)
    torch.save({'epoch': epoch + 1, 'best': best, 'model': model.state_dict(),
                'optimizer': optimizer.state_dict()}, 'indoor_last.pth.tar')
    if improved:
        shutil.copyfile('indoor_last.pth.tar', 'indoor_best.pth.tar')
print 'best', best
