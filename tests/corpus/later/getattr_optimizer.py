import argparse, os, sys
import torch, torch.nn as nn, torch.optim as optim
import torchvision.models as M
from torchvision import transforms as TF
from torchvision.datasets import CIFAR10

def str2bool(v):
    return str(v).lower() in ("yes", "true", "t", "1")

P = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
P.add_argument('--net', choices=['resnet18', 'resnet50'], default='resnet50')
P.add_argument('--optimizer', default='RMSprop')
P.add_argument('--lr', default='3e-4', type=float)
P.add_argument('--finetune', type=str2bool, default=True)
P.add_argument('--init', default='weights/resnet50.pth')
P.add_argument('--n_epochs', type=int, default=35)
A = P.parse_args()

def make_data(bs=80):
    pre = [TF.Resize(128)]
    post = [TF.ToTensor(), TF.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))]
    tr = CIFAR10('.', train=True, download=True, transform=TF.Compose(pre + [TF.RandomCrop(128, padding=12), TF.RandomHorizontalFlip()] + post))
    te = CIFAR10('.', train=False, transform=TF.Compose(pre + post))
    mk = lambda d, t: torch.utils.data.DataLoader(d, batch_size=bs, shuffle=t, num_workers=2, drop_last=t)
    return mk(tr, True), mk(te, False)

def main():
    torch.manual_seed(77)
    net = getattr(M, A.net)(weights=None)
    if A.finetune:
        state = torch.load(A.init, map_location='cpu')
        net.load_state_dict(state)
    net.fc = nn.Linear(net.fc.in_features, 10)
    net = net.cuda()
    opt = getattr(optim, A.optimizer)(net.parameters(), lr=A.lr, weight_decay=0.0005)
    tr, te = make_data()
    ce = nn.CrossEntropyLoss().cuda()
    n_iter = 0
    for ep in range(A.n_epochs):
        net = net.train()
        for i, batch in enumerate(tr):
            img, lab = map(lambda t: t.cuda(), batch)
            opt.zero_grad()
            err = ce(net(img), lab)
            err.backward()
            nn.utils.clip_grad_value_(net.parameters(), 1.)
            opt.step()
            n_iter += 1
        for g in opt.param_groups:
            g['lr'] *= 0.95
        net.eval()
        ok = 0
        with torch.no_grad():
            for img, lab in te:
                ok += (net(img.cuda()).max(1)[1].cpu() == lab).sum().item()
        sys.stdout.write(f'{ep}: {ok / 1e4:.4f}\n')

main()
