"""train.py ROOT NAME SECONDS: trains one network for SECONDS, leaves material in ROOT/../mat/NAME."""
import copy, csv, json, sys, time
from pathlib import Path
import numpy as np
from PIL import Image
ROOT, NAME, BUDGET = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
OUT = ROOT.parent / "mat" / NAME; OUT.mkdir(parents=True, exist_ok=True)
D = ROOT / "data"

def letterbox(im, s, fill):
    r = s / max(im.size); w, h = max(1, round(im.width * r)), max(1, round(im.height * r))
    c = Image.new("RGB", (s, s), fill); c.paste(im.resize((w, h), Image.BILINEAR), ((s - w) // 2, (s - h) // 2)); return c
def folders(d, classes):
    x, y = [], []
    for i, c in enumerate(classes):
        for f in sorted((d / c).glob("*.png")):
            x.append(np.asarray(Image.open(f).convert("RGB"))); y.append(i)
    return np.stack(x), np.array(y)
def load(name):
    if name in ("resnet18", "keras", "resnet18b"):
        c = sorted(p.name for p in (D / "outdoors/train").iterdir())
        return folders(D / "outdoors/train", c), folders(D / "outdoors/val", c), c
    if name == "trail":
        c = sorted((p.name for p in (D / "survey/train").iterdir()), key=int)
        return folders(D / "survey/train", c), folders(D / "survey/heldout", c), c
    if name in ("sock", "gru"):
        r = [np.load(D / f"apparel/{s}.npz") for s in ("train", "heldout")]
        return *[(a["images"], a["labels"]) for a in r], [str(i) for i in range(10)]
    if name == "regnet":
        rows = {s: list(csv.DictReader(open(D / f"roadlist/{s}.csv"))) for s in ("train", "test")}
        c = list(dict.fromkeys(r["label"] for r in rows["train"]))
        return *[(np.stack([np.asarray(letterbox(Image.open(D / "roadlist/images" / r["file"]).convert("RGB"), 48, (0, 0, 0))) for r in rows[s]]),
                 np.array([c.index(r["label"]) for r in rows[s]])) for s in rows], c
    if name == "stamps":
        ix = json.load(open(D / "stamps/index.json")); c = ["symbols", "town", "animals", "vehicles", "food", "plants"]
        def one(r):
            im = Image.open(D / "stamps/png" / r["file"]).convert("RGBA"); bg = Image.new("RGBA", im.size, "white"); bg.alpha_composite(im)
            return np.asarray(letterbox(bg.convert("RGB"), 64, (255, 255, 255)))
        return *[(np.stack([one(r) for r in ix if r["part"] == s]), np.array([c.index(r["class"]) for r in ix if r["part"] == s])) for s in ("train", "test")], c

(xt, yt), (xv, yv), CLASSES = load(NAME)
print(NAME, xt.shape, xv.shape, CLASSES, flush=True)
json.dump(CLASSES, open(OUT / "classes.json", "w"))
if NAME == "keras":
    import keras, tensorflow as tf
    keras.utils.set_random_seed(4451)
    i = keras.Input((32, 32, 3), name="pixels"); x = i
    for k, w in enumerate((24, 32, 48, 64, 96)):
        x = keras.layers.Conv2D(w, 3, strides=2 if k in (1, 3) else 1, padding="same", use_bias=False, name=f"conv{k}")(x)
        x = keras.layers.BatchNormalization(name=f"bn{k}", momentum=.9)(x); x = keras.layers.ReLU(name=f"act{k}")(x)
        if k == 2: x = keras.layers.SpatialDropout2D(.15, name="sdrop")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x); x = keras.layers.Dropout(.4, name="drop")(x)
    m = keras.Model(i, keras.layers.Dense(6, name="logits")(x), name="harbour")
    m.compile(keras.optimizers.Adam(3e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    a, b = xt.astype("float32") / 127.5 - 1, xv.astype("float32") / 127.5 - 1
    t0 = time.process_time(); e = 0; best = 0
    while time.process_time() - t0 < BUDGET:
        m.optimizer.learning_rate = 3e-3 * max(.02, 1 - (time.process_time() - t0) / BUDGET)
        p = np.random.default_rng(e).permutation(len(a)); fl = np.random.default_rng(e + 999).random(len(a)) < .5
        aa = a.copy(); aa[fl] = aa[fl, :, ::-1]
        sh = np.random.default_rng(e + 5).integers(-3, 4, 2); aa = np.roll(aa, sh, (1, 2))
        m.fit(aa[p], yt[p], batch_size=48, epochs=1, verbose=0); v = m.evaluate(b, yv, verbose=0)[1]; e += 1
        print(e, round(v, 4), int(time.process_time() - t0), flush=True)
        if e == 1: m.save(OUT / "first.keras")
        if v > best: best = v; m.save(OUT / "best.keras")
    m.save(OUT / "last.keras"); sys.exit()

import torch, torch.nn.functional as F
sys.path.insert(0, str(Path(__file__).parent)); import nets
torch.manual_seed(4451); torch.set_num_threads(1)
if NAME == "resnet18":
    import torchvision; net = torchvision.models.resnet18(num_classes=6)
elif NAME == "regnet":
    import timm; net = timm.create_model("regnetx_002", num_classes=5)
elif NAME == "stamps":
    import timm; net = timm.create_model("resnet10t", num_classes=6)
else:
    net = {"sock": nets.SockNet, "gru": nets.RowGRU, "trail": nets.TrailNet}[NAME]()
T = lambda x: torch.from_numpy(x)
def prep(x):
    x = x.float()
    if NAME == "sock": return ((255 - x) / 255 - .5)[:, None] / .5
    if NAME == "gru": return x / 255
    x = x.permute(0, 3, 1, 2)
    if NAME == "resnet18": return (x / 255 - torch.tensor([.4914, .4822, .4465]).view(3, 1, 1)) / torch.tensor([.247, .2435, .2616]).view(3, 1, 1)
    if NAME == "regnet": return x.flip(1) - torch.tensor([103.94, 116.78, 123.68]).view(3, 1, 1)
    if NAME == "stamps": return x / 127.5 - 1
    if NAME == "trail": return x / 255
MODE = {"trail": "crop"}.get(NAME, "shift")
def aug(x):
    if NAME == "gru":
        return torch.roll(x, int(torch.randint(-1, 2, ())), 1)
    f = torch.rand(len(x)) < .5; x = x.clone(); x[f] = x[f].flip(-1)
    if MODE == "crop":
        a, b = torch.randint(2, 7, (2,)).tolist(); return x[:, :, a:a + 40, b:b + 40]
    s = max(1, x.shape[-1] // 20); a, b = torch.randint(0, 2 * s + 1, (2,)).tolist()
    x = F.pad(x, (s,) * 4, mode="replicate")[:, :, a:a + x.shape[2] - 2 * s, b:b + x.shape[3] - 2 * s]
    if NAME == "stamps" and torch.rand(()) < .5:
        x = x * (.8 + .4 * torch.rand(len(x), 1, 1, 1))
    return x
def ev(x):
    x = prep(x); return x[:, :, 4:44, 4:44] if NAME == "trail" else x
X, Y, V, W = T(xt), T(yt), T(xv), T(yv)
t0 = time.process_time(); frac = lambda: min(1, (time.process_time() - t0) / BUDGET)
if NAME == "trail":
    import lightning as L
    class Trail(L.LightningModule):
        def __init__(self, lr=3e-3):
            super().__init__(); self.save_hyperparameters(); self.net = net
            self.register_buffer("mean", torch.tensor([.47, .47, .44]).view(1, 3, 1, 1)); self.register_buffer("std", torch.tensor([.25, .24, .26]).view(1, 3, 1, 1))
        def forward(self, x): return self.net((x - self.mean) / self.std)
        def training_step(self, b, i): return F.cross_entropy(self(aug(prep(b[0]))), b[1], label_smoothing=.05)
        def validation_step(self, b, i): self.log("val_acc", (self(ev(b[0])).argmax(1) == b[1]).float().mean(), on_epoch=True)
        def on_train_batch_start(self, b, i):
            for g in self.optimizers().param_groups: g["lr"] = self.hparams.lr * max(.01, 1 - frac()) * min(1, self.global_step / 30 + .05)
        def on_validation_epoch_end(self):
            self.trainer.should_stop = frac() >= 1
            print(self.current_epoch, self.trainer.callback_metrics.get("val_acc"), int(time.process_time() - t0), flush=True)
        def configure_optimizers(self): return torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=.02)
    from torch.utils.data import TensorDataset as TD, DataLoader as DL
    cb = L.pytorch.callbacks.ModelCheckpoint(dirpath=OUT, filename="best", monitor="val_acc", mode="max", save_last=True)
    f1 = L.pytorch.callbacks.ModelCheckpoint(dirpath=OUT, filename="e{epoch}", save_top_k=-1, every_n_epochs=1, save_weights_only=True)
    L.Trainer(max_epochs=500, accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False, callbacks=[cb, f1], num_sanity_val_steps=0
              ).fit(Trail(), DL(TD(X, Y), 48, shuffle=True, drop_last=True), DL(TD(V, W), 120))
    sys.exit()
lr0 = {"gru": 3e-3, "sock": 4e-3, "stamps": 2e-3}.get(NAME, 2e-3)
opt = torch.optim.AdamW(net.parameters(), lr=lr0, weight_decay=.03); step = 0; best = -1; epoch = 0
slow = copy.deepcopy(net).eval(); fast = copy.deepcopy(net).eval()
swa = torch.optim.swa_utils.AveragedModel(net)
def acc(n):
    n.eval()
    with torch.no_grad(): a = float((torch.cat([n(ev(V[i:i + 100])) for i in range(0, len(V), 100)]).argmax(1) == W).float().mean())
    return a
def upd(e, d):
    with torch.no_grad():
        for p, q in zip(e.state_dict().values(), net.state_dict().values()):
            p.copy_(p * d + q * (1 - d)) if p.is_floating_point() else p.copy_(q)
B = 24 if NAME == "stamps" else 48
while frac() < 1:
    net.train(); perm = torch.randperm(len(X))
    for i in range(0, len(X) - B + 1, B):
        j = perm[i:i + B]
        for g in opt.param_groups: g["lr"] = lr0 * max(.01, 1 - frac()) * min(1, step / 30 + .05)
        opt.zero_grad(); F.cross_entropy(net(aug(prep(X[j]))), Y[j], label_smoothing=.05).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.); opt.step(); step += 1
        if NAME in ("sock", "gru"): upd(slow, .9995); upd(fast, .97)
    if frac() > .5: swa.update_parameters(net)
    epoch += 1; a = acc(net); print(epoch, round(a, 4), int(time.process_time() - t0), flush=True)
    torch.save({"epoch": epoch, "acc": a, "state": net.state_dict()}, OUT / f"epoch_{epoch}.pt")
    if a >= best: best = a; torch.save({"epoch": epoch, "acc": a, "state": net.state_dict()}, OUT / "best.pt")
for n, m in (("last", net), ("slow", slow), ("fast", fast), ("swa", swa.module)):
    torch.save({"epoch": epoch, "acc": acc(m), "state": m.state_dict()}, OUT / f"{n}.pt"); print(n, acc(m))
