"""Food-101 on one small card: small batches, an update after several of them."""
import os

import torch
import torch.nn.functional as F
import yaml
from torch.utils.data import DataLoader, Subset
from torchvision import transforms as T
from torchvision.datasets import Food101

from model import food_net

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'food.yaml')) as fh:
    C = yaml.safe_load(fh)

torch.manual_seed(C['seed'])
device = torch.device('cuda')
root = os.path.expanduser(C['root'])


def mean_std(t):
    m = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    s = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (t - m) / s


aug = T.Compose([T.RandomResizedCrop(C['size'], scale=(0.3, 1.0)), T.RandomHorizontalFlip(),
                 T.ColorJitter(0.2, 0.2, 0.2), T.ToTensor(), mean_std])
plain = T.Compose([T.Resize(256), T.CenterCrop(C['size']), T.ToTensor(), mean_std])

augmented = Food101(root, split='train', transform=aug, download=True)
same_plain = Food101(root, split='train', transform=plain)
test = Food101(root, split='test', transform=plain)

perm = torch.randperm(len(augmented), generator=torch.Generator().manual_seed(C['seed'])).tolist()
n_val = int(C['val_fraction'] * len(perm))
train_set, val_set = Subset(augmented, perm[n_val:]), Subset(same_plain, perm[:n_val])

opts = dict(batch_size=C['batch'], num_workers=C['workers'], pin_memory=True)
train_loader = DataLoader(train_set, shuffle=True, **opts)
val_loader = DataLoader(val_set, **opts)
test_loader = DataLoader(test, **opts)

net = food_net(C['classes']).to(device)
optimizer = torch.optim.AdamW(net.parameters(), lr=C['lr'], weight_decay=C['weight_decay'])
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=C['epochs'])


def train():
    net.train()
    n, k = len(train_loader), C['accumulate']
    whole = n // k * k                  # batches in full groups, the rest makes a smaller group
    optimizer.zero_grad(set_to_none=True)
    for i, (x, y) in enumerate(train_loader):
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        loss = F.nll_loss(net(x), y) / (k if i < whole else n - whole)
        loss.backward()
        if (i + 1) % k == 0 or i + 1 == n:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
    scheduler.step()


@torch.no_grad()
def evaluate(loader):
    net.eval()
    loss, hits, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        logp = net(x)
        loss += F.nll_loss(logp, y, reduction='sum')
        hits += (logp.argmax(1) == y).sum()
        seen += len(y)
    return loss.item() / seen, hits.item() / seen


best = float('inf')
for epoch in range(C['epochs']):
    train()
    loss, acc = evaluate(val_loader)
    print(f'{epoch + 1:>2}  val loss {loss:.4f}  val acc {acc:.4f}')
    if loss < best:
        best = loss
        torch.save(net.state_dict(), 'food.pt')

net.load_state_dict(torch.load('food.pt', map_location=device))
print('test loss %.4f, accuracy %.4f' % evaluate(test_loader))
