import math, random, re, sys
from pathlib import Path
import timm, torch
from accelerate import Accelerator
from PIL import Image
from torchvision import transforms as T

ROOT, EPOCHS, BS, ACC, LR, SEED = Path(sys.argv[1]), 12, 16, 4, 4e-4, 8
random.seed(SEED); torch.manual_seed(SEED)

breed = lambda f: re.match(r"(.+)_\d+\.jpg$", f.name).group(1)
files = sorted(f for f in ROOT.glob("*.jpg"))
names = sorted({breed(f) for f in files})          # 37
num = {b: i for i, b in enumerate(names)}
random.shuffle(files)
cut = int(0.85 * len(files))

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
aug = T.Compose([T.RandomResizedCrop(224, (0.4, 1)), T.RandomHorizontalFlip(), T.TrivialAugmentWide(), T.ToTensor(), norm])
fix = T.Compose([T.Resize(236), T.CenterCrop(224), T.ToTensor(), norm])

class Pets(torch.utils.data.Dataset):
    def __init__(s, fs, tf): s.fs, s.tf = fs, tf
    def __len__(s): return len(s.fs)
    def __getitem__(s, i): return s.tf(Image.open(s.fs[i]).convert("RGB")), num[breed(s.fs[i])]

acc = Accelerator(mixed_precision="fp16", gradient_accumulation_steps=ACC)
DL = torch.utils.data.DataLoader
tr = DL(Pets(files[:cut], aug), BS, shuffle=True, drop_last=True, num_workers=6)
va = DL(Pets(files[cut:], fix), 64, num_workers=6)

net = timm.create_model("resnet50.a1_in1k", pretrained=True, num_classes=len(names), drop_rate=0.2)
opt = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=0.02)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, LR, total_steps=EPOCHS * math.ceil(len(tr) / ACC))
net, opt, tr, va, sch = acc.prepare(net, opt, tr, va, sch)
lossf = torch.nn.CrossEntropyLoss()

for ep in range(EPOCHS):
    net.train()
    for x, y in tr:
        with acc.accumulate(net):
            loss = lossf(net(x), y)
            acc.backward(loss)
            if acc.sync_gradients:
                acc.clip_grad_norm_(net.parameters(), 1.0)
            opt.step(); sch.step(); opt.zero_grad()
    net.eval(); ok = n = 0
    with torch.inference_mode():
        for x, y in va:
            p, y = acc.gather_for_metrics((net(x).argmax(1), y))
            ok += (p == y).sum().item(); n += len(y)
    acc.print(ep, f"val acc {ok / n:.4f}")
acc.save(acc.unwrap_model(net).state_dict(), "pets_r50.pt")
