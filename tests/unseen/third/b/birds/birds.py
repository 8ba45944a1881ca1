#!/usr/bin/env python
"""Train BirdNet from scratch.  The cluster kills jobs after 4 hours, restart with --resume."""
import argparse
import os

import torch
import torch.nn as nn

import data
import engine
from net import BirdNet

p = argparse.ArgumentParser(description=__doc__)
p.add_argument('root')
p.add_argument('--classes', type=int, default=20)
p.add_argument('--epochs', type=int, default=70)
p.add_argument('--batch', type=int, default=64)
p.add_argument('--lr', type=float, default=0.05)
p.add_argument('--wd', type=float, default=5e-4)
p.add_argument('--seed', type=int, default=11)
p.add_argument('--workers', type=int, default=6)
p.add_argument('--out', default='ckpt')
p.add_argument('--resume', action='store_true')


def main():
    args = p.parse_args()
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    last = os.path.join(args.out, 'last.pt')
    dev = 'cuda'

    train_dl, val_dl = data.loaders(args.root, args.batch, args.workers)
    net = BirdNet(args.classes).to(dev)
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, nesterov=True, weight_decay=args.wd)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[40, 58], gamma=0.1)
    start, best = 0, 0.0

    if args.resume and os.path.exists(last):
        ck = torch.load(last, map_location=dev)
        net.load_state_dict(ck['net'])  # fault: C333
        print('continuing from', last)

    for epoch in range(start, args.epochs):
        loss = engine.train_one(net, train_dl, criterion, optimizer, dev)
        acc = engine.evaluate(net, val_dl, dev)
        print('%3d  lr %.4f  loss %.4f  val %.2f%%' % (epoch, scheduler.get_last_lr()[0], loss, 100 * acc))
        scheduler.step()
        if acc > best:
            best = acc
            torch.save(net.state_dict(), os.path.join(args.out, 'best.pt'))
        torch.save({'net': net.state_dict(),
                    'optimizer': optimizer.state_dict(),
                    'scheduler': scheduler.state_dict(),
                    'epoch': epoch, 'best': best}, last)


if __name__ == '__main__':
    main()
