import pathlib
import torch, yaml
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import PCAM
from sklearn.metrics import roc_auc_score
from encoder import TumourNet

here = pathlib.Path(__file__).parent
S = yaml.safe_load((here / 'settings.yml').read_text())
torch.manual_seed(S['seed'])

norm = transforms.Normalize(S['stain_mean'], S['stain_std'])
aug = transforms.Compose([
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    transforms.ColorJitter(brightness=0.1, contrast=0.1, saturation=0.1, hue=0.03),
    transforms.ToTensor(),
    norm,
])
noaug = transforms.Compose([transforms.ToTensor(), norm])


def loader(split):
    train = split == 'train'
    ds = PCAM(S['data_dir'], split=split, transform=aug if train else noaug, download=True)
    return DataLoader(ds, batch_size=S['batch'], shuffle=train, drop_last=train, num_workers=8, pin_memory=True)


def auc(model, dl):
    model.eval()
    z, t = [], []
    with torch.no_grad():
        for x, y in dl:
            z.append(model(x.cuda(non_blocking=True)).float().cpu())
            t.append(y)
    z, t = torch.cat(z), torch.cat(t)
    return roc_auc_score(t.numpy(), z.numpy()), ((z > 0).long() == t).float().mean().item()


train, val, test = loader('train'), loader('val'), loader('test')
model = TumourNet().adopt(here / S['checkpoint']).cuda()
bce = torch.nn.BCEWithLogitsLoss()
opt = torch.optim.AdamW(model.parameters(), lr=S['lr'], weight_decay=S['weight_decay'])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=S['epochs'])

best = 0.
for epoch in range(S['epochs']):
    model.train()
    for step, (x, y) in enumerate(train):
        x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True).float()
        with torch.autocast('cuda', dtype=torch.bfloat16):
            logit = model(x)
        loss = bce(logit.float(), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if step % 200 == 0:
            print(f'{epoch}:{step:4d} {loss.item():.4f}')
    sched.step()
    a, acc = auc(model, val)
    print(f'== epoch {epoch}: val auc {a:.4f} accuracy {acc:.4f}')
    if a > best:
        best = a
        torch.save(model.state_dict(), here / 'tumournet_best.pt')

model.load_state_dict(torch.load(here / 'tumournet_best.pt'))
print('test auc %.4f accuracy %.4f' % auc(model, test))
