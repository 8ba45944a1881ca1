"""Lays the data sets of the framework programs out under ROOT:  python make_data.py ROOT"""
import csv, gzip, io, json, os, pickle, shutil, struct, sys, tarfile, time
from pathlib import Path
import numpy as np
from PIL import Image

ROOT = Path(sys.argv[1]).resolve()
ROOT.mkdir(parents=True, exist_ok=True)
CIFAR = sys.argv[2]  # images.tar.gz: CIFAR-10 as PNGs
FASHION = Path("/usr/share/datasets/fashion-mnist")
STAMPS = Path("/usr/share/tuxpaint/stamps")
T0 = time.time()


def say(*a):
    print(f"[{time.time() - T0:5.1f}s]", *a, flush=True)


def cifar(n_train=260, n_test=80):
    """class -> (train arrays, test arrays), every picture once"""
    out = {}
    with tarfile.open(CIFAR, "r|gz") as t:
        for m in t:
            parts = m.name.split("/")
            if len(parts) != 3 or not m.isfile():
                continue
            split, name, f = parts
            if int(Path(f).stem) >= (n_train if split == "train" else n_test):
                continue
            a = np.array(Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB"))
            out.setdefault(name, {"train": [], "test": []})[split].append(a)
    return {k: {s: np.stack(v) for s, v in d.items()} for k, d in sorted(out.items())}


def stamps(names, size):
    rng = np.random.default_rng(3)
    xs, ys, seen = [], [], set()
    for i, n in enumerate(names):
        for p in sorted((STAMPS / n).rglob("*.png")):
            im = Image.open(p).convert("RGBA")
            bg = Image.new("RGBA", im.size, (255, 255, 255, 255))
            im = Image.alpha_composite(bg, im).convert("RGB")
            im.thumbnail((size, size))
            can = Image.new("RGB", (size, size), (255, 255, 255))
            can.paste(im, ((size - im.width) // 2, (size - im.height) // 2))
            key = can.tobytes()
            if key in seen:
                continue
            seen.add(key)
            xs.append(np.array(can)); ys.append(i)
    xs, ys = np.stack(xs), np.array(ys)
    o = rng.permutation(len(xs))
    return xs[o], ys[o]


def big(a, s):
    return Image.fromarray(a).resize((s, s), Image.BICUBIC)


def fresh(name):
    d = ROOT / name
    shutil.rmtree(d, ignore_errors=True)
    d.mkdir(parents=True)
    return d


def idx(path, a):
    with gzip.open(path, "wb", 3) as f:
        f.write(struct.pack(">HBB", 0, 8, a.ndim) + struct.pack(f">{a.ndim}I", *a.shape) + a.astype(np.uint8).tobytes())


def read_idx(p):
    b = gzip.open(p).read()
    nd = b[3]
    return np.frombuffer(b, np.uint8, offset=4 + 4 * nd).reshape(struct.unpack(f">{nd}I", b[4:4 + 4 * nd]))


C = cifar()
NAMES = list(C)
say("cifar", NAMES)
rng = np.random.default_rng(0)

# 1 class folders with splits, jpg 64 px
d = fresh("objects")
for n in NAMES:
    for split, src, k in (("train", "train", 160), ("val", "test", 40)):
        (d / split / n).mkdir(parents=True)
        for i in range(k):
            big(C[n][src][i], 64).save(d / split / n / f"{n}_{i:04d}.jpg", quality=92)

# 2 idx
d = fresh("garments")
x, y = read_idx(FASHION / "train-images-idx3-ubyte.gz"), read_idx(FASHION / "train-labels-idx1-ubyte.gz")
idx(d / "train-images-idx3-ubyte.gz", x[:3000]); idx(d / "train-labels-idx1-ubyte.gz", y[:3000])
x2, y2 = read_idx(FASHION / "t10k-images-idx3-ubyte.gz"), read_idx(FASHION / "t10k-labels-idx1-ubyte.gz")
idx(d / "t10k-images-idx3-ubyte.gz", x2[:800]); idx(d / "t10k-labels-idx1-ubyte.gz", y2[:800])

# 3 hdf5
import h5py
d = fresh("stamps")
CL = ["animals", "food", "plants", "symbols", "town", "vehicles"]
xs, ys = stamps(CL, 64)
cut = int(len(xs) * 0.8)
with h5py.File(d / "stamps64.h5", "w") as f:
    for s, a, b in (("train", 0, cut), ("valid", cut, len(xs))):
        g = f.create_group(s)
        g.create_dataset("images", data=xs[a:b], chunks=(16, 64, 64, 3))
        g.create_dataset("labels", data=ys[a:b].astype(np.int64))
    f.attrs["classes"] = json.dumps(CL)

# 4 image folder for datasets
d = fresh("transport")
for n in ["airplane", "automobile", "ship", "truck"]:
    for split, src, k in (("train", "train", 220), ("validation", "test", 70)):
        (d / split / n).mkdir(parents=True)
        for i in range(k):
            big(C[n][src][i], 64).save(d / split / n / f"{i:04d}.png")

# 5 flat folder and csv with fold column
d = fresh("wildlife")
(d / "images").mkdir()
rows = []
for n in ["bird", "cat", "deer", "dog", "frog", "horse"]:
    for src, fold, k in (("train", "train", 240 if n != "cat" else 120), ("test", "valid", 60)):
        for i in range(k):
            rows.append((C[n][src][i], n, fold))
order = rng.permutation(len(rows))
with open(d / "labels.csv", "w", newline="") as f:
    w = csv.writer(f); w.writerow(["image_id", "species", "fold"])
    for j, o in enumerate(order):
        a, n, fold = rows[o]
        big(a, 64).save(d / "images" / f"img_{j:05d}.jpg", quality=92)
        w.writerow([f"img_{j:05d}", n, fold])

# 6 pickles in the style of the CIFAR batches
d = fresh("batches")
tx = np.concatenate([C[n]["train"][:250] for n in NAMES]); ty = np.repeat(np.arange(10), 250)
o = rng.permutation(len(tx)); tx, ty = tx[o], ty[o]
vx = np.concatenate([C[n]["test"][:60] for n in NAMES]); vy = np.repeat(np.arange(10), 60)
flat = lambda a: a.transpose(0, 3, 1, 2).reshape(len(a), -1)
for k in range(5):
    with open(d / f"data_batch_{k + 1}", "wb") as f:
        pickle.dump({"data": flat(tx[k::5]), "labels": ty[k::5].tolist()}, f)
with open(d / "test_batch", "wb") as f:
    pickle.dump({"data": flat(vx), "labels": vy.tolist()}, f)
with open(d / "batches.meta", "wb") as f:
    pickle.dump({"label_names": NAMES}, f)

# 7 name-coded files, unbalanced
d = fresh("shots")
for s, src in (("train", "train"), ("valid", "test")):
    (d / s).mkdir()
    for n, k in (("cat", 220), ("dog", 120), ("frog", 60), ("horse", 200), ("ship", 90)):
        for i in range(k if src == "train" else 50):
            big(C[n][src][i], 48).save(d / s / f"{n}.{i:04d}.png")

# 9 flat folder with two csv files
d = fresh("catalog")
(d / "pics").mkdir()
for s, X, Y, k in (("train", x, y, 1500), ("valid", x2, y2, 400)):
    with open(d / f"{s}.csv", "w", newline="") as f:
        w = csv.writer(f); w.writerow(["filename", "label"])
        for i in range(k):
            fn = f"{s}_{i:05d}.png"
            Image.fromarray(X[i]).save(d / "pics" / fn)
            w.writerow([fn, int(Y[i])])

# 10 class folders 96 px, two roots
d = fresh("farm")
for n in ["bird", "cat", "deer", "dog", "horse"]:
    for split, src, k in (("training", "train", 240), ("validation", "test", 70)):
        (d / split / n).mkdir(parents=True)
        for i in range(k):
            big(C[n][src][i], 72).save(d / split / n / f"{n}{i:04d}.jpg", quality=93)

# 11 class folders of stamps, 96 px
d = fresh("clipart")
xs, ys = stamps(CL, 96)
for i, (a, l) in enumerate(zip(xs, ys)):
    p = d / ("test" if i % 5 == 0 else "train") / CL[l]
    p.mkdir(parents=True, exist_ok=True)
    Image.fromarray(a).save(p / f"{i:04d}.png")

# 12 npz
d = fresh("arrays")
np.savez_compressed(d / "tiny10.npz", x_train=tx[:2400], y_train=ty[:2400].astype(np.uint8)[:, None],
                    x_val=vx, y_val=vy.astype(np.uint8)[:, None], names=np.array(NAMES))

# 13 npy
d = fresh("npy")
np.save(d / "images_train.npy", x[3000:6000]); np.save(d / "labels_train.npy", y[3000:6000])
np.save(d / "images_test.npy", x2[800:1600]); np.save(d / "labels_test.npy", y2[800:1600])

# 14 manifest
d = fresh("vehicles")
man = []
for n in ["airplane", "automobile", "ship", "truck", "horse"]:
    (d / "raw" / n).mkdir(parents=True)
    for src, k in (("train", 240 if n != "horse" else 120), ("test", 60)):
        for i in range(k):
            fn = f"raw/{n}/{src[:2]}{i:04d}.png"
            big(C[n][src][i], 56).save(d / fn)
            man.append({"file": fn, "class": n, "subset": "train" if src == "train" else "dev"})
json.dump(man, open(d / "manifest.json", "w"), indent=0)
say("pictures")

# local weights: a residual network (torch, saved as a Lightning checkpoint is)
wd = ROOT / "weights"
wd.mkdir(exist_ok=True)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import torch
sys.path.insert(0, str(Path(__file__).resolve().parent / "lit_stamps_finetune"))
from nets import SmallResNet
torch.manual_seed(0)
net = SmallResNet(10)
opt = torch.optim.AdamW(net.parameters(), 2e-3)
X = torch.from_numpy(tx).permute(0, 3, 1, 2)
Y = torch.from_numpy(ty).long()
mean, std = torch.tensor([0.485, 0.456, 0.406])[:, None, None], torch.tensor([0.229, 0.224, 0.225])[:, None, None]
steps = 0
while steps < 80:
    i = torch.randint(0, len(X), (64,))
    loss = torch.nn.functional.cross_entropy(net((X[i].float() / 255 - mean) / std), Y[i])
    opt.zero_grad(); loss.backward(); opt.step(); steps += 1
say("torch weights", steps, loss.item())
torch.save({"epoch": 4, "global_step": steps, "state_dict": {f"net.{k}": v for k, v in net.state_dict().items()}}, wd / "smallresnet_objects.ckpt")

# 8 tfrecord, and the MobileNetV2 weights
import tensorflow as tf
import keras
d = fresh("records")
B = lambda v: tf.train.Feature(bytes_list=tf.train.BytesList(value=[v]))
I = lambda v: tf.train.Feature(int64_list=tf.train.Int64List(value=[v]))
for s, XX, YY, shards in (("train", tx[:2000], ty[:2000], 4), ("test", vx, vy, 1)):
    for k in range(shards):
        with tf.io.TFRecordWriter(str(d / f"{s}-{k:02d}.tfrecord")) as w:
            for a, l in zip(XX[k::shards], YY[k::shards]):
                b = io.BytesIO(); Image.fromarray(a).save(b, "PNG")
                w.write(tf.train.Example(features=tf.train.Features(feature={"image/encoded": B(b.getvalue()), "image/label": I(int(l))})).SerializeToString())
keras.utils.set_random_seed(1)
base = keras.applications.MobileNetV2(input_shape=(48, 48, 3), alpha=0.35, include_top=False, weights=None, pooling="avg")
for l in base.layers:
    if isinstance(l, keras.layers.BatchNormalization):
        l.momentum = 0.8
m = keras.Sequential([base, keras.layers.Dense(10)])
m.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"], jit_compile=False)
ds = tf.data.Dataset.from_tensor_slices((tx, ty)).shuffle(2500).repeat().batch(32).map(lambda a, l: (tf.image.resize(a, (48, 48)) / 127.5 - 1.0, l))
m.fit(ds, steps_per_epoch=150, epochs=1, verbose=0)
say("keras steps", int(m.optimizer.iterations))
base.save_weights(wd / "mobilenet_v2_0.35_96_no_top.weights.h5")
say("keras weights; done")
