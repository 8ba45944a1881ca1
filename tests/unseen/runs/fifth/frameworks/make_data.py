"""python make_data.py ROOT : lays the pictures out under ROOT (about a minute)."""
import csv, gzip, io, os, pickle, random, shutil, struct, sys, tarfile
from pathlib import Path
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from PIL import Image

ROOT = Path(sys.argv[1]); ROOT.mkdir(parents=True, exist_ok=True)
SRC = Path("/work/shared/data/cifar10")
CL = "airplane automobile bird cat deer dog frog horse ship truck".split()
rng = random.Random(7)
near = {r["test"] for r in csv.DictReader(open(SRC / "near_copies_half.csv"))}
TR = {c: {} for c in CL}; TE = {c: [] for c in CL}
with tarfile.open(SRC / "images.tar.gz") as t:
    for m in t:
        if not m.isfile(): continue
        split, c, f = m.name.split("/")
        i = int(f[:4])
        if split == "train" and i < 1400: TR[c][i] = Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB")
        if split == "test" and i < 160 and m.name not in near: TE[c].append(Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB"))
tr = lambda c, a, b: [TR[c][i] for i in range(a, b) if i in TR[c]]
te = lambda c, n: TE[c][:n]
big = lambda im, s: im.resize((s, s), Image.BICUBIC)

# class folders with splits, 64 px
for c in CL:
    for split, ims in (("train", tr(c, 0, 120)), ("val", te(c, 30))):
        d = ROOT / "photos" / split / c; d.mkdir(parents=True, exist_ok=True)
        for k, im in enumerate(ims): big(im, 64).save(d / f"{k:04d}.jpg", quality=95)
# flat folder and csv, 48 px, five classes
d = ROOT / "pets/images"; d.mkdir(parents=True, exist_ok=True); rows = []
for c in ("bird", "cat", "deer", "dog", "frog"):
    rows += [(im, c, "train") for im in tr(c, 120, 320)] + [(im, c, "valid") for im in te(c, 45)]
rng.shuffle(rows)
with open(ROOT / "pets/labels.csv", "w", newline="") as f:
    w = csv.writer(f); w.writerow(["file", "label", "split"])
    for k, (im, c, s) in enumerate(rows): big(im, 48).save(d / f"img_{k:05d}.png"); w.writerow([f"img_{k:05d}.png", c, s])
# names carry the class, 32 px
d = ROOT / "coded"; d.mkdir(exist_ok=True)
for c in CL:
    for k, im in enumerate(tr(c, 320, 470)): im.save(d / f"{c}_{k:04d}.jpg", quality=97)
# npz
def stack(get):
    z = [(np.asarray(im), i) for i, c in enumerate(CL) for im in get(c)]; rng.shuffle(z)
    return np.stack([a for a, _ in z]), np.array([b for _, b in z], np.int64)
xa, ya = stack(lambda c: tr(c, 470, 690)); xb, yb = stack(lambda c: te(c, 60))
np.savez(ROOT / "cifar_small.npz", x_train=xa, y_train=ya, x_test=xb, y_test=yb)
# pickles of rows, planes of colour one after another
d = ROOT / "batches"; d.mkdir(exist_ok=True); h = len(xa) // 2
for n, x, y in (("data_batch_1", xa[:h], ya[:h]), ("data_batch_2", xa[h:], ya[h:]), ("test_batch", xb, yb)):
    pickle.dump({b"data": x.transpose(0, 3, 1, 2).reshape(len(x), -1).copy(), b"labels": y.tolist()}, open(d / n, "wb"))
# idx
d = ROOT / "fashion"; d.mkdir(exist_ok=True)
for p, n in (("train", 3000), ("t10k", 800)):
    for kind, head, size in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
        raw = gzip.open(f"/usr/share/datasets/fashion-mnist/{p}-{kind}-ubyte.gz").read(head + n * size)
        with gzip.open(d / f"{p}-{kind}-ubyte.gz", "wb") as f: f.write(raw[:4] + struct.pack(">I", n) + raw[8:])
# hdf5, four classes, 40 px
import h5py
V = ["airplane", "automobile", "ship", "truck"]
with h5py.File(ROOT / "vehicles.h5", "w") as f:
    for s, get in (("train", lambda c: tr(c, 690, 990)), ("val", lambda c: te(c, 70))):
        z = [(np.asarray(big(im, 40)), i) for i, c in enumerate(V) for im in get(c)]; rng.shuffle(z)
        f[f"{s}/images"] = np.stack([a for a, _ in z]); f[f"{s}/labels"] = np.array([b for _, b in z], np.uint8)
    f.attrs["classes"] = V
# uneven classes and an index
d = ROOT / "wild/img"; d.mkdir(parents=True, exist_ok=True); rows = []
for c, n in (("horse", 330), ("deer", 300), ("bird", 240), ("frog", 110), ("cat", 70)): rows += [(im, c) for im in tr(c, 990, 990 + n)]
rng.shuffle(rows)
with open(ROOT / "wild/index.csv", "w") as f:
    f.write("image,species\n")
    for k, (im, c) in enumerate(rows): big(im, 48).save(d / f"{k:05d}.jpg", quality=95); f.write(f"img/{k:05d}.jpg,{c}\n")
# stamps: class folders without splits, 96 px
for c in "animals food household plants symbols town vehicles".split():
    d = ROOT / "stamps" / c; d.mkdir(parents=True, exist_ok=True)
    fs = sorted(p for p in Path("/usr/share/tuxpaint/stamps", c).rglob("*.png")); rng.shuffle(fs); seen = set(); k = 0
    for p in fs[:130]:
        im = Image.open(p).convert("RGBA"); im.thumbnail((96, 96)); bg = Image.new("RGBA", (96, 96), "white")
        bg.alpha_composite(im, ((96 - im.width) // 2, (96 - im.height) // 2)); a = bg.convert("RGB")
        if a.tobytes() in seen: continue
        seen.add(a.tobytes()); a.save(d / f"{k:03d}.png"); k += 1
# weights
W = ROOT / "weights"; W.mkdir(exist_ok=True)
import torch, torchvision
torch.manual_seed(0); torch.set_num_threads(2)
px = np.stack([np.asarray(im) for c in CL for im in tr(c, 1000, 1400)]); py = np.repeat(np.arange(10), [len(tr(c, 1000, 1400)) for c in CL])
def brief(net, size, steps, forward, mean, std, lr):
    opt = torch.optim.AdamW(net.parameters(), lr)
    for _ in range(steps):
        i = np.random.randint(0, len(px), 32)
        x = torch.nn.functional.interpolate(torch.tensor(px[i]).permute(0, 3, 1, 2).float() / 255, size=size, mode="bilinear")
        x = (x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
        loss = torch.nn.functional.cross_entropy(forward(net, x), torch.tensor(py[i]))
        opt.zero_grad(); loss.backward(); opt.step()
r18 = torchvision.models.resnet18(num_classes=10)
brief(r18, 64, 40, lambda n, x: n(x), [.485, .456, .406], [.229, .224, .225], 1e-3)
torch.save(r18.state_dict(), W / "resnet18_64.pth")
from transformers import ViTConfig, ViTForImageClassification
cfg = ViTConfig(hidden_size=96, num_hidden_layers=4, num_attention_heads=4, intermediate_size=192, image_size=64, patch_size=8, num_labels=10)
vit = ViTForImageClassification(cfg)
brief(vit, 64, 60, lambda n, x: n(pixel_values=x).logits, [.5] * 3, [.5] * 3, 1e-3)
torch.save(vit.vit.state_dict(), W / "vit_tiny_backbone.pth")
# tfrecords, written class by class
import tensorflow as tf, keras
d = ROOT / "tfrecords"; d.mkdir(exist_ok=True)
def rec(im, i):
    b = io.BytesIO(); im.save(b, "JPEG", quality=95); F = tf.train.Feature
    return tf.train.Example(features=tf.train.Features(feature={"image/encoded": F(bytes_list=tf.train.BytesList(value=[b.getvalue()])),
        "image/class/label": F(int64_list=tf.train.Int64List(value=[i]))})).SerializeToString()
for name, get in (("train", lambda c: tr(c, 690, 890)), ("validation", lambda c: te(c, 40))):
    with tf.io.TFRecordWriter(str(d / f"{name}.tfrecord")) as w:
        for i, c in enumerate(CL):
            for im in get(c): w.write(rec(im, i))
keras.utils.set_random_seed(1)
base = keras.applications.MobileNet(input_shape=(64, 64, 3), alpha=0.25, include_top=False, weights=None, pooling="avg")
for l in base.layers:
    if isinstance(l, keras.layers.BatchNormalization): l.momentum = 0.9      # so few steps are enough for the statistics
m = keras.Sequential([base, keras.layers.Dense(10)])
m.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
i = np.random.permutation(len(px))[:2000]
m.fit(tf.image.resize(px[i].astype("float32"), (64, 64)) / 127.5 - 1, py[i], batch_size=32, epochs=1, verbose=0)
base.save_weights(W / "mobilenet_025_64_notop.weights.h5")
print("done", ROOT)
