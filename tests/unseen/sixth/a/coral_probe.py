# coral health, 5 grades; linear classifier on ViT features
import timm, torch, time
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder
from torchvision.transforms import InterpolationMode as IM

torch.manual_seed(10)
D = 'cuda' if torch.cuda.is_available() else 'cpu'
ROOT = '/scratch/coral'
NC = 5

half = [0.5, 0.5, 0.5]
t_tr = T.Compose([T.RandomResizedCrop(224, scale=(0.5, 1.0), interpolation=IM.BICUBIC), T.RandomHorizontalFlip(),
                  T.ToTensor(), T.Normalize(half, half)])
t_te = T.Compose([T.Resize(248, interpolation=IM.BICUBIC), T.CenterCrop(224), T.ToTensor(), T.Normalize(half, half)])

dl_tr = DataLoader(ImageFolder(ROOT + '/train', t_tr), batch_size=128, shuffle=True, num_workers=8, pin_memory=True)
dl_va = DataLoader(ImageFolder(ROOT + '/val', t_te), batch_size=128, num_workers=8, pin_memory=True)
dl_te = DataLoader(ImageFolder(ROOT + '/test', t_te), batch_size=128, num_workers=8, pin_memory=True)

backbone = timm.create_model('vit_small_patch16_224', num_classes=0)  # fault: C306
backbone.to(D).eval()
for p in backbone.parameters():
    p.requires_grad_(False)

head = nn.Linear(backbone.num_features, NC).to(D)
opt = torch.optim.AdamW(head.parameters(), lr=1e-3)
EP = 30
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EP)
ce = nn.CrossEntropyLoss()


def feats(x):
    with torch.no_grad():
        return backbone(x.to(D, non_blocking=True))


def acc(dl):
    head.eval()
    a, n = torch.zeros((), device=D), 0
    with torch.no_grad():
        for x, y in dl:
            a += (head(feats(x)).argmax(1) == y.to(D)).sum()
            n += len(y)
    return a.item() / n


for ep in range(EP):
    t = time.time()
    head.train()
    s, n = torch.zeros((), device=D), 0
    for x, y in dl_tr:
        f = feats(x)
        l = ce(head(f), y.to(D, non_blocking=True))
        opt.zero_grad()
        l.backward()
        opt.step()
        s += l.detach() * len(y)
        n += len(y)
    sch.step()
    print(f'{ep:02d} loss {s.item() / n:.4f} val {acc(dl_va):.4f} {time.time() - t:.0f}s')

print('test', acc(dl_te))
torch.save(head.state_dict(), 'coral_head.pt')
