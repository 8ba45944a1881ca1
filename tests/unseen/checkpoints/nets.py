"""Data sets and trained networks (called by make.py)."""
import copy, glob, gzip, io, json, os, random, sys, tarfile, time, logging, warnings
import numpy as np
import torch
from PIL import Image
from torch import nn
import torch.nn.functional as F
from torchvision import models as tvm
from torchvision.transforms import v2 as T2
from torchvision import transforms as T
import modules

CIFAR = ["airplane", "automobile", "bird", "deer", "frog", "horse", "ship", "truck"]
STAMPS = ["animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles"]
FASHION = [str(i) for i in range(1, 11)]
IM = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CF = ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])
HALF = ([0.5] * 3, [0.5] * 3)


def make_data(root):
    d = f"{root}/data"
    if os.path.exists(d + "/done"):
        return
    rng = random.Random(5)
    with tarfile.open(os.environ["CIFAR"]) as tf:
        for m in tf:
            p = m.name.split("/")
            if len(p) != 3 or p[1] not in CIFAR or not m.isfile():
                continue
            split = "train" if p[0] == "train" else "val"
            i = int(p[2].split(".")[0])
            if i >= (300 if split == "train" else 60):
                continue
            im = Image.open(io.BytesIO(tf.extractfile(m).read())).convert("RGB")
            os.makedirs(f"{d}/cifar/{split}/{p[1]}", exist_ok=True)
            if i % 3 == 0:
                im.resize((64, 64), Image.BICUBIC).save(f"{d}/cifar/{split}/{p[1]}/{i:04d}.jpg", quality=95)
            else:
                im.save(f"{d}/cifar/{split}/{p[1]}/{i:04d}.png")
    base = "/usr/share/datasets/fashion-mnist/"
    for split, name, n in (("train", "train", 220), ("val", "t10k", 60)):
        x = np.frombuffer(gzip.open(f"{base}{name}-images-idx3-ubyte.gz").read(), np.uint8, offset=16).reshape(-1, 28, 28)
        y = np.frombuffer(gzip.open(f"{base}{name}-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
        for c in range(10):
            os.makedirs(f"{d}/fashion/{split}/{c + 1}", exist_ok=True)
            for k, i in enumerate(np.flatnonzero(y == c)[:n]):
                Image.fromarray(x[i]).save(f"{d}/fashion/{split}/{c + 1}/{k:04d}.png")
    for c in STAMPS:
        files = sorted(glob.glob(f"/usr/share/tuxpaint/stamps/{c}/**/*.png", recursive=True))
        rng.shuffle(files)
        files = files[:150]
        nval = round(len(files) * 0.32)
        for k, f in enumerate(files):
            split = "val" if k < nval else "train"
            os.makedirs(f"{d}/stamps/{split}/{c}", exist_ok=True)
            im = Image.open(f).convert("RGBA")
            s = 96 / min(im.size)
            im = im.resize((min(240, max(96, round(im.width * s))), min(240, max(96, round(im.height * s)))), Image.BICUBIC)
            bg = Image.new("RGBA", im.size, (255, 255, 255, 255))
            Image.alpha_composite(bg, im).convert("RGB").save(f"{d}/stamps/{split}/{c}/{k:03d}.png")
    open(d + "/done", "w").close()


def files(root, ds, split, classes):
    return [(f, i) for i, c in enumerate(classes) for f in sorted(glob.glob(f"{root}/data/{ds}/{split}/{c}/*"))]


def load(root, ds, split, classes, pre):
    fs = files(root, ds, split, classes)
    return torch.stack([torch.as_tensor(pre(Image.open(f))) for f, _ in fs]).float(), torch.tensor([i for _, i in fs])


def acc(model, X, Y):
    model.eval()
    with torch.no_grad():
        return 100 * sum((model(X[i:i + 64]).argmax(1) == Y[i:i + 64]).sum().item() for i in range(0, len(X), 64)) / len(X)


def bn_buffers(model):
    return {k: v.clone() for k, v in model.state_dict().items() if "running_" in k}


def fit(model, X, Y, epochs, lr, bs=32, seed=0, ema=(), flip=True):
    """Trains; returns early BN statistics and the averaged twins."""
    torch.manual_seed(seed)
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.momentum = 0.1
    twins = {d: copy.deepcopy(model.state_dict()) for d in ema}
    steps = epochs * (len(X) // bs)
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.02)
    sch = torch.optim.lr_scheduler.OneCycleLR(opt, lr, total_steps=steps)
    pad = max(2, X.shape[-1] // 10)
    early, n = None, 0
    for ep in range(epochs):
        model.train()
        perm = torch.randperm(len(X))
        for i in range(0, len(X) - bs + 1, bs):
            x, y = X[perm[i:i + bs]], Y[perm[i:i + bs]]
            x = F.pad(x, [pad] * 4, mode="replicate")
            a, b = torch.randint(0, 2 * pad + 1, (2,)).tolist()
            x = x[:, :, a:a + X.shape[-2], b:b + X.shape[-1]]
            if flip and torch.rand(()) < 0.5:
                x = x.flip(3)
            loss = F.cross_entropy(model(x), y, label_smoothing=0.05)
            opt.zero_grad(); loss.backward(); opt.step(); sch.step()
            n += 1
            if n == 6:
                early = bn_buffers(model)
            for d, t in twins.items():
                for k, v in model.state_dict().items():
                    t[k].mul_(d).add_(v, alpha=1 - d) if v.is_floating_point() else t[k].copy_(v)
    return early, twins


def caffe(im, s):
    a = np.asarray(im.convert("RGB").resize((s, s), Image.BILINEAR), np.float32)[:, :, ::-1]
    return np.ascontiguousarray((a - np.array([103.94, 116.78, 123.68], np.float32)).transpose(2, 0, 1))


def raw255(im, s):
    return np.asarray(im.convert("RGB").resize((s, s), Image.BILINEAR), np.float32).transpose(2, 0, 1).copy()


def tvt(*ops, norm=None):
    return T.Compose([*ops, T.ToTensor()] + ([T.Normalize(*norm)] if norm else []))


def rgb(im):
    return im.convert("RGB")


def specs():
    import timm
    sys.modules.pop("smallnet", None)
    ns = {}
    exec(modules.SMALLNET, ns)
    Small = ns["SmallNet"]
    vit = lambda: timm.models.vision_transformer.VisionTransformer(
        img_size=32, patch_size=4, in_chans=1, num_classes=10, embed_dim=96, depth=4, num_heads=4)
    S = {}
    S["A"] = dict(arch="SmallNet", ds="cifar", classes=CIFAR, pre=tvt(rgb, T.Resize((32, 32)), norm=CF), build=lambda: Small(8), epochs=18, lr=4e-3)
    S["E"] = dict(arch="shufflenet_v2_x0_5", ds="cifar", classes=CIFAR, pre=lambda im: caffe(im, 48), build=lambda: tvm.shufflenet_v2_x0_5(num_classes=8), epochs=8, lr=6e-3)
    S["H"] = dict(arch="vit (timm VisionTransformer 32/4)", ds="fashion", classes=FASHION, pre=tvt(lambda im: im.convert("L"), T.Resize((32, 32)), norm=([0.2860], [0.3530])), build=vit, epochs=9, lr=1.5e-3)
    S["M"] = dict(arch="shufflenet_v2_x0_5", ds="stamps", classes=STAMPS, pre=tvt(rgb, T.Resize(64), T.CenterCrop(64), norm=IM), build=lambda: tvm.shufflenet_v2_x0_5(num_classes=8), epochs=22, lr=6e-3, ema=(0.97,), blow=True)
    S["F"] = dict(arch="resnet10t", ds="cifar", classes=CIFAR, pre=tvt(rgb, T.Resize((32, 32)), norm=HALF), build=lambda: timm.create_model("resnet10t", num_classes=8), epochs=6, lr=2e-3, ema=(0.9995, 0.98))
    S["C"] = dict(arch="resnet18", ds="fashion", classes=FASHION, pre=tvt(rgb, T.Resize((32, 32)), norm=HALF), build=lambda: tvm.resnet18(num_classes=10), epochs=3, lr=1e-3)
    S["B"] = dict(arch="SmallNet", ds="cifar", classes=CIFAR[4:] + CIFAR[:4], pre=lambda im: raw255(im, 32), build=lambda: Small(8, width=24, standardize=True), epochs=12, lr=4e-3)
    S["G"] = dict(arch="mobilenetv3_small_050", ds="stamps", classes=STAMPS, pre=tvt(rgb, T.Resize((64, 64)), norm=IM), build=lambda: timm.create_model("mobilenetv3_small_050", num_classes=8), epochs=30, lr=4e-3)
    S["D"] = dict(arch="mobilenet_v3_small", ds="fashion", classes=["background"] + FASHION, pre=tvt(rgb, T.Resize((40, 40)), norm=IM), build=lambda: tvm.mobilenet_v3_small(num_classes=11), epochs=6, lr=3e-3)
    S["I"] = dict(arch="squeezenet1_1", ds="stamps", classes=STAMPS, pre=tvt(rgb, T.Resize((64, 64)), norm=HALF), build=lambda: tvm.squeezenet1_1(num_classes=8), epochs=16, lr=1e-3)
    return S


def train_torch(root, only=None):
    out = f"{root}.nets"
    os.makedirs(out, exist_ok=True)
    for name, s in specs().items():
        if only and name not in only or os.path.exists(f"{out}/{name}.pt"):
            continue
        t, c = time.time(), time.process_time()
        torch.manual_seed(11)
        X, Y = load(root, s["ds"], "train", s["classes"], s["pre"])
        V, W = load(root, s["ds"], "val", s["classes"], s["pre"])
        m = s["build"]()
        c1 = time.process_time()
        early, twins = fit(m, X, Y, s["epochs"], s["lr"], ema=s.get("ema", ()))
        sec = time.process_time() - c1
        good = acc(m, V, W)
        r = dict(state=copy.deepcopy(m.state_dict()), early=early, twins=twins, acc=good, epochs=s["epochs"], arch=s["arch"], classes=s["classes"], cpu=sec)
        r["twin_acc"] = {}
        for d, tw in twins.items():
            m.load_state_dict(tw); r["twin_acc"][d] = acc(m, V, W)
        if s.get("blow"):  # last steps at far too high a rate: the raw weights spoil, the average does not follow
            m.load_state_dict(r["state"])
            fit(m, X[:], Y, 1, s["lr"] * 6, seed=9)
            r["blown"] = copy.deepcopy(m.state_dict()); r["blown_acc"] = acc(m, V, W)
        torch.save(r, f"{out}/{name}.pt")
        print(name, s["arch"], s["ds"], len(X), len(V), f"val {good:.1f}", r["twin_acc"], r.get("blown_acc"), f"cpu {sec:.0f}s wall {time.time() - t:.0f}s", flush=True)


def train_lightning(root):
    out = f"{root}.nets"
    if os.path.exists(f"{out}/J.ckpt"):
        return
    import lightning as L
    from lightning.pytorch.callbacks import ModelCheckpoint
    from torch.utils.data import DataLoader, TensorDataset
    warnings.filterwarnings("ignore"); logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    ns = {"__name__": "lit"}
    exec(modules.LIT, ns)
    L.seed_everything(3, verbose=False)
    pre = tvt(lambda im: im.convert("L"), T.Resize((32, 32)), norm=([0.48], [0.24]))
    X, Y = load(root, "cifar", "train", CIFAR, pre)
    V, W = load(root, "cifar", "val", CIFAR, pre)
    m = ns["LitClassifier"](8, 1)
    cb = ModelCheckpoint(dirpath=out, filename="J", monitor="val_acc", mode="max", save_top_k=1, enable_version_counter=False)
    c = time.process_time()
    tr = L.Trainer(max_epochs=9, accelerator="cpu", logger=False, callbacks=[cb], enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0)
    tr.fit(m, DataLoader(TensorDataset(X, Y), 32, shuffle=True, drop_last=True), DataLoader(TensorDataset(V, W), 60))
    ck = torch.load(f"{out}/J.ckpt", weights_only=False)
    m.load_state_dict(ck["state_dict"])
    print("J lightning val", acc(m, V, W), "cpu", time.process_time() - c, flush=True)


def train_keras(root):
    out = f"{root}.nets"
    if os.path.exists(f"{out}/L.h5"):
        return
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(1); tf.config.threading.set_inter_op_parallelism_threads(1)
    import keras
    from keras import layers as k

    def net(s, n, scale):
        i = keras.Input((s, s, 3)); x = k.Rescaling(1 / 255.0)(i) if scale else i
        for w, rep in ((24, 1), (48, 1), (96, 2)):
            for _ in range(rep):
                x = k.Conv2D(w, 3, padding="same", use_bias=False)(x); x = k.BatchNormalization(momentum=0.9)(x); x = k.ReLU()(x)
            x = k.MaxPooling2D()(x)
        x = k.GlobalAveragePooling2D()(x); x = k.Dropout(0.4)(x)
        return keras.Model(i, k.Dense(n, activation="softmax")(x))
    for name, ds, classes, s, scale, ep in (("K", "stamps", STAMPS, 64, True, 22), ("L", "cifar", CIFAR, 32, False, 12)):
        keras.utils.set_random_seed(4)
        pre = lambda im: np.asarray(im.convert("RGB").resize((s, s), Image.BILINEAR), np.float32) / (1 if scale else 127.5) - (0 if scale else 1)
        X, Y = load(root, ds, "train", classes, pre); V, W = load(root, ds, "val", classes, pre)
        X, Y, V, W = (a.numpy() for a in (X, Y, V, W))
        X, Y = np.concatenate([X, X[:, :, ::-1]]), np.concatenate([Y, Y])
        m = net(s, 8, scale)
        steps = ep // 2 * (len(X) // 32)
        m.compile(keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(3e-3, steps), weight_decay=0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
        c = time.process_time()
        m.fit(X, Y, batch_size=32, epochs=ep // 2, verbose=0)
        m.save(f"{out}/{name}." + ("keras" if name == "K" else "h5"))
        print(name, "keras val", 100 * m.evaluate(V, W, verbose=0)[1], "cpu", time.process_time() - c, flush=True)
