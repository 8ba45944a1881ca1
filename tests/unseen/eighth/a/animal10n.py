"""
Co-teaching on ANIMAL-10N (about 8 % wrong labels, 64x64 images).
Two networks pick the small-loss half of each batch for one another.

The label is the first character of the file name: training/3_41205.jpg
"""
import argparse, glob, os

import torch, torch.nn as nn, torch.nn.functional as F
from PIL import Image
from torch.utils import data
from torchvision import transforms as tfm

parser = argparse.ArgumentParser()
parser.add_argument('--root', type=str, default='ANIMAL-10N/raw_image')
parser.add_argument('--noise_rate', type=float, default=0.08)
parser.add_argument('--num_gradual', type=int, default=10)
parser.add_argument('--n_epoch', type=int, default=100)
parser.add_argument('--batch_size', type=int, default=128)
parser.add_argument('--lr', type=float, default=0.001)
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--print_freq', type=int, default=100)
args = parser.parse_args()

torch.manual_seed(args.seed)
torch.cuda.manual_seed(args.seed)


class Animal10N(data.Dataset):
    def __init__(self, part, transform):
        self.files = sorted(glob.glob(os.path.join(args.root, part, '*.jpg')))
        self.transform = transform

    def __getitem__(self, index):
        f = self.files[index]
        label = int(os.path.basename(f).split('_')[0])
        return self.transform(Image.open(f).convert('RGB')), label

    def __len__(self):
        return len(self.files)


class NineLayer(nn.Module):
    def __init__(self, n_outputs=10, dropout_rate=0.25):
        super(NineLayer, self).__init__()
        self.dropout_rate = dropout_rate
        plan = [(3, 128, 3), (128, 128, 3), (128, 128, 3),
                (128, 256, 3), (256, 256, 3), (256, 256, 3),
                (256, 512, 3), (512, 256, 3), (256, 128, 3)]
        self.convs = nn.ModuleList(nn.Conv2d(i, o, k, padding=1, bias=False) for i, o, k in plan)
        self.bns = nn.ModuleList(nn.BatchNorm2d(o) for _, o, _ in plan)
        self.l_c1 = nn.Linear(128, n_outputs)

    def forward(self, x):
        h = x
        for n, (conv, bn) in enumerate(zip(self.convs, self.bns)):
            h = F.leaky_relu(bn(conv(h)), negative_slope=0.01)
            if n in (2, 5):
                h = F.max_pool2d(h, 2)
                h = F.dropout2d(h, p=self.dropout_rate, training=self.training)
        h = F.adaptive_avg_pool2d(h, 1).view(h.size(0), -1)
        return self.l_c1(h)


def coteach(out_1, out_2, t, forget):
    l_1 = F.cross_entropy(out_1, t, reduction='none')
    l_2 = F.cross_entropy(out_2, t, reduction='none')
    keep = int((1 - forget) * len(t))
    pick_1 = torch.argsort(l_1.detach())[:keep]
    pick_2 = torch.argsort(l_2.detach())[:keep]
    # exchange
    return l_1[pick_2].mean(), l_2[pick_1].mean()


def evaluate(loader, net_1, net_2):
    net_1.eval()
    net_2.eval()
    c1 = c2 = total = 0
    with torch.no_grad():
        for images, labels in loader:
            images = images.cuda()
            c1 += (net_1(images).argmax(1).cpu() == labels).sum().item()
            c2 += (net_2(images).argmax(1).cpu() == labels).sum().item()
            total += labels.size(0)
    return 100. * c1 / total, 100. * c2 / total


def main():
    norm = tfm.Normalize([0.5, 0.5, 0.5], [0.25, 0.25, 0.25])
    train_set = Animal10N('training', tfm.Compose([
        tfm.RandomCrop(64, padding=6), tfm.RandomHorizontalFlip(), tfm.ToTensor(), norm]))
    test_set = Animal10N('testing', tfm.Compose([tfm.ToTensor(), norm]))
    train_loader = data.DataLoader(train_set, batch_size=args.batch_size, num_workers=4, drop_last=True, shuffle=True)
    test_loader = data.DataLoader(test_set, batch_size=args.batch_size, num_workers=4, shuffle=False)

    print('building networks')
    cnn1 = NineLayer().cuda()
    cnn2 = NineLayer().cuda()
    optimizer1 = torch.optim.Adam(cnn1.parameters(), lr=args.lr)
    optimizer2 = torch.optim.Adam(cnn1.parameters(), lr=args.lr)  # fault: C313
    decay1 = torch.optim.lr_scheduler.MultiStepLR(optimizer1, [50, 75], gamma=0.2)
    decay2 = torch.optim.lr_scheduler.MultiStepLR(optimizer2, [50, 75], gamma=0.2)

    for epoch in range(args.n_epoch):
        forget = args.noise_rate * min(1.0, epoch / args.num_gradual)
        cnn1.train()
        cnn2.train()
        for i, (images, labels) in enumerate(train_loader):
            images, labels = images.cuda(), labels.cuda()
            loss_1, loss_2 = coteach(cnn1(images), cnn2(images), labels, forget)

            optimizer1.zero_grad()
            loss_1.backward()
            optimizer1.step()

            optimizer2.zero_grad()
            loss_2.backward()
            optimizer2.step()

            if (i + 1) % args.print_freq == 0:
                print('Epoch [%d/%d], Iter [%d/%d], Loss1: %.4f, Loss2: %.4f'
                      % (epoch + 1, args.n_epoch, i + 1, len(train_loader), loss_1.item(), loss_2.item()))
        decay1.step()
        decay2.step()
        acc1, acc2 = evaluate(test_loader, cnn1, cnn2)
        print('Epoch [%d/%d] Test Accuracy: Model1 %.3f %% Model2 %.3f %%' % (epoch + 1, args.n_epoch, acc1, acc2))

    # the numbers of the last epoch are what we report
    torch.save({'cnn1': cnn1.state_dict(), 'cnn2': cnn2.state_dict(), 'acc': (acc1, acc2)}, 'coteach_last.pth')


if __name__ == '__main__':
    main()
