"""Trains the networks kept in nets/: python train.py NAME [seconds]"""
import copy, csv, glob, os, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from PIL import Image
import torchvision.models as tv
from nets_def import GemNet, GarmentModule
HERE = os.path.dirname(os.path.abspath(__file__)); D = HERE + "/ROOT/data/"
IM = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)); HALF = ((.5,) * 3, (.5,) * 3); UNIT = ((0.,) * 3, (1.,) * 3)

def letterbox(im, s, fill=(114, 114, 114)):
    k = s / max(im.size); w, h = round(im.width * k), round(im.height * k)
    out = Image.new("RGB", (s, s), fill); out.paste(im.resize((w, h), Image.BILINEAR), ((s - w) // 2, (s - h) // 2)); return out

def load(name, split, size, mode="RGB", box=False, classes=None):
    if name == "garments":
        rows = list(csv.DictReader(open(D + f"garments/{split}.csv")))
        fs = [D + "garments/" + r["filename"] for r in rows]; ls = [r["label"] for r in rows]
    elif name == "photos":
        fs = sorted(glob.glob(D + f"photos/{split}/*.png")); ls = [os.path.basename(f).split("_")[0] for f in fs]
    else:
        fs = sorted(glob.glob(D + f"{name}/{split}/*/*")); ls = [f.split("/")[-2] for f in fs]
    classes = classes or sorted(set(ls))
    X = np.empty((len(fs), size, size, 3 if mode == "RGB" else 1), np.uint8)
    for i, f in enumerate(fs):
        im = Image.open(f).convert(mode)
        im = letterbox(im, size) if box else im.resize((size, size), Image.BILINEAR)
        X[i] = np.asarray(im).reshape(size, size, -1)
    return torch.from_numpy(X).permute(0, 3, 1, 2).contiguous(), torch.tensor([classes.index(l) for l in ls]), classes

def tv_net(f, n):
    m = f(num_classes=n)
    return m
def timm_net(a, n):
    import timm
    return timm.create_model(a, num_classes=n)
def from_mobilenet(n):  # timm network begun from the torchvision one (same layers in the same order)
    m = timm_net("mobilenetv2_100", n); a = m.state_dict(); b = torch.load(HERE + "/nets/mobilenet.pt", weights_only=False)["model"]
    assert [v.shape for v in a.values()] == [v.shape for v in b.values()]
    m.load_state_dict(dict(zip(a, b.values()))); return m
SPEC = {  # name: data, size, norm, build, seconds, lr, kw
    "resnet18": ("wild", 48, IM, lambda n: tv_net(tv.resnet18, n), 235, 2e-3, {}),
    "mobilenet": ("fruit", 64, IM, lambda n: tv_net(tv.mobilenet_v2, n), 200, 3e-3, {}),
    "regnet": ("stickers", 64, HALF, lambda n: tv_net(tv.regnet_y_400mf, n), 200, 2e-3, {}),
    "effnet": ("signs", 64, IM, lambda n: tv_net(tv.efficientnet_b0, n), 240, 3e-3, dict(flip=False)),
    "mnv2_box": ("fruit", 64, HALF, lambda n: from_mobilenet(n), 100, 1.5e-3, dict(box=True)),
    "gemnet": ("objects", 32, UNIT, lambda n: GemNet(n), 200, 3e-3, {}),
    "garment": ("garments", 32, ((.286,), (.353,)), lambda n: GarmentModule(n), 90, 2e-3,
                dict(mode="L", classes=["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"])),
}

def main(name, secs=None):
    torch.manual_seed(0); np.random.seed(0); torch.set_num_threads(1)
    data, size, (mean, std), build, s, lr, kw = SPEC[name]; secs = float(secs or s)
    flip = kw.pop("flip", True)
    X, Y, classes = load(data, "train", size, **kw)
    V, W, _ = load(data, "val", size, **{**kw, "classes": classes})
    mean = torch.tensor(mean).view(1, -1, 1, 1); std = torch.tensor(std).view(1, -1, 1, 1)
    prep = lambda x: (x.float() / 255 - mean) / std
    net = build(len(classes)); ema = copy.deepcopy(net).eval(); slow = copy.deepcopy(net).eval()
    opt = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=.02); B = 32 if name in ("mobilenet", "effnet", "mnv2_box") else 64
    if name not in ("resnet18", "gemnet"): net = net.to(memory_format=torch.channels_last)
    def acc(m):
        m.eval()
        with torch.no_grad():
            p = torch.cat([m(prep(V[i:i + 100])).argmax(1) for i in range(0, len(V), 100)])
        return 100 * (p == W).float().mean().item()
    t0 = time.time(); step = 0; early = None; done = False
    while not done:
        net.train(); perm = torch.randperm(len(X))
        for i in range(0, len(X) - B + 1, B):
            f = (time.time() - t0) / secs
            if f >= 1: done = True; break
            for g in opt.param_groups: g["lr"] = lr * min(1, (step + 1) / 20) * (.02 + .98 * .5 * (1 + np.cos(np.pi * f)))
            x = X[perm[i:i + B]]; y = Y[perm[i:i + B]]
            if flip and np.random.rand() < .5: x = x.flip(3)
            dx, dy = np.random.randint(-3, 4, 2); x = torch.roll(x, (int(dy), int(dx)), (2, 3))
            loss = F.cross_entropy(net(prep(x).contiguous(memory_format=torch.channels_last)), y, label_smoothing=.05)
            opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 2.); opt.step(); step += 1
            with torch.no_grad():
                for e, d in ((ema, .92), (slow, .9995)):
                    for a, b in zip(e.state_dict().values(), net.state_dict().values()):
                        if a.dtype.is_floating_point: a.lerp_(b, 1 - d)
                        else: a.copy_(b)
            if step == 15: early = copy.deepcopy(net.state_dict())
        print(name, step, f"{time.time()-t0:.0f}s loss {loss.item():.3f} acc {acc(net):.1f} ema {acc(ema):.1f} slow {acc(slow):.1f}", flush=True)
    opt_state = {k: v for k, v in opt.state_dict().items() if k == "param_groups"}
    torch.save(dict(model=net.state_dict(), ema=ema.state_dict(), slow=slow.state_dict(), early=early, classes=classes, step=step, opt=opt_state), f"{HERE}/nets/{name}.pt")

if __name__ == "__main__":
    main(*sys.argv[1:])
