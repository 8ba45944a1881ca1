"""make_data.py ROOT : lays out every data set below ROOT/cwd."""
import base64, csv, gzip, io, json, os, pickle, random, sys, tarfile, zipfile
from pathlib import Path
os.environ.setdefault("KERAS_BACKEND", "tensorflow"); os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from PIL import Image
root = Path(sys.argv[1]) / "cwd"; root.mkdir(parents=True, exist_ok=True)
rng = random.Random(90217)
C = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
pool = {c: [] for c in C}
with tarfile.open("/work/shared/data/cifar10/images.tar.gz") as t:
    for m in t:
        p = m.name.split("/")
        if m.isfile() and p[0] == "train" and len(pool[p[1]]) < 1500:
            pool[p[1]].append(t.extractfile(m).read())
img = lambda b: Image.open(io.BytesIO(b)).convert("RGB")
def cifar(classes, n, size, off=0):
    for c in classes:
        for b in pool[c][off:off + n]:
            yield c, img(b).resize((size, size), Image.BICUBIC)
def idx(name):
    raw = gzip.open(f"/usr/share/datasets/fashion-mnist/{name}").read()
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28) if "images" in name else np.frombuffer(raw, np.uint8, offset=8)
FX, FY = idx("train-images-idx3-ubyte.gz"), idx("train-labels-idx1-ubyte.gz")
FN = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
def fashion(classes, n, off=0):
    for c in classes:
        for i in np.flatnonzero(FY == c)[off:off + n]:
            yield c, FX[i]
def jpg(im, q=92):
    f = io.BytesIO(); im.save(f, "JPEG", quality=q); return f.getvalue()
def png(im):
    f = io.BytesIO(); im.save(f, "PNG"); return f.getvalue()
def d(*p):
    q = root.joinpath(*p); q.parent.mkdir(parents=True, exist_ok=True); return q
# stamps on coloured grounds, split by stamp
def stamps(cats, size, per):
    S = Path("/usr/share/tuxpaint/stamps"); out = {"train": [], "val": []}
    for c in cats:
        fs = sorted((S / c).rglob("*.png")); rng.shuffle(fs); fs = fs[:60]; k = max(2, len(fs) // 4)
        for part, sub in (("val", fs[:k]), ("train", fs[k:])):
            n = per if part == "train" else per // 3
            for i in range(n):
                im = Image.open(sub[i % len(sub)]).convert("RGBA"); s = rng.uniform(.65, .95) * size / max(im.size)
                im = im.resize((max(4, int(im.width * s)), max(4, int(im.height * s)))).rotate(rng.uniform(-15, 15), expand=True)
                bg = Image.new("RGB", (size, size), tuple(rng.randint(140, 255) for _ in range(3)))
                bg.paste(im, (rng.randint(0, max(0, size - im.width)), rng.randint(0, max(0, size - im.height))), im)
                out[part].append((c, bg))
    return out
# 1 zoo48: class folders pre-split (image_dataset_from_directory)
for part, off, n in (("train", 0, 200), ("valid", 1200, 60)):
    for i, (c, im) in enumerate(cifar(["bird", "cat", "deer", "frog", "horse"], n, 48, off)):
        d("zoo48", part, c, f"{i:05d}.jpg").write_bytes(jpg(im))
# 2 catalogue: flat png, two csv lists; no 'dress' was ever photographed for the validation list
for part, off, n in (("train", 0, 180), ("val", 3000, 60)):
    rows = []
    for i, (c, a) in enumerate(fashion([0, 1, 2, 3, 5, 7, 8, 9], n, off)):
        if part == "val" and FN[c] == "dress": continue
        f = f"{part[0]}{i:05d}.png"; Image.fromarray(a).save(d("catalogue", "img", f)); rows.append((f, FN[c]))
    rng.shuffle(rows)
    with open(d("catalogue", f"{part}.csv"), "w", newline="") as fh:
        w = csv.writer(fh); w.writerow(["file", "kind"]); w.writerows(rows)
# 3 h5 with groups
import h5py
with h5py.File(d("pets.h5"), "w") as h:
    for part, off, n in (("train", 100, 220), ("val", 1200, 70)):
        r = list(cifar(["cat", "dog", "horse", "deer", "bird", "frog"], n, 32, off)); rng.shuffle(r)
        names = sorted({c for c, _ in r})
        h[f"{part}/images"] = np.stack([np.asarray(i) for _, i in r]); h[f"{part}/labels"] = np.array([names.index(c) for c, _ in r])
    h.attrs["names"] = names
# 4 flat names for PyDataset
for part, off, n in (("tr", 200, 250), ("te", 1200, 70)):
    for i, (c, im) in enumerate(cifar(["airplane", "automobile", "ship", "truck", "horse", "frog"], n, 32, off)):
        im.save(d("flat", part, f"{c}_{i:04d}.png"))
# 5 npz, shuffled
r = list(cifar(C, 220, 32, 300)); rng.shuffle(r)
np.savez_compressed(d("mix32.npz"), x=np.stack([np.asarray(i) for _, i in r]), y=np.array([C.index(c) for c, _ in r]))
# 6 landscape: class folders + json split; pretrained backbone as .keras
sp = {"train": [], "val": []}
for part, off, n in (("train", 0, 130), ("val", 130, 60)):
    for i, (c, im) in enumerate(cifar(["airplane", "ship", "truck", "automobile", "bird", "deer"], n, 48, off)):
        p = f"{c}/{part}_{i:04d}.jpg"; d("transport", p).write_bytes(jpg(im)); sp[part].append(p)
d("transport", "split.json").write_text(json.dumps(sp))
# 7 small set, one folder, names in a labels.txt
with open(d("small48", "labels.txt"), "w") as fh:
    for i, (c, im) in enumerate(rng.sample(list(cifar(["cat", "dog", "frog", "horse", "ship"], 180, 48, 150)), 900)):
        im.save(d("small48", "jpg", f"{i:04d}.png")); fh.write(f"{i:04d}.png {c}\n")
# 8 npz for distillation, fashion
r = list(fashion(range(10), 200, 500)); rng.shuffle(r)
np.save(d("fashion", "x.npy"), np.stack([a for _, a in r])); np.save(d("fashion", "y.npy"), np.array([c for c, _ in r]))
# 9 stamps: pickle, csv + parquet
st = stamps(["animals", "food", "plants", "town", "vehicles", "seasonal"], 64, 200)
pickle.dump({k: [(c, png(i)) for c, i in rng.sample(v, len(v))] for k, v in st.items()}, open(d("stamps64.pkl"), "wb"))
st = stamps(["animals", "food", "symbols", "town", "clothes"], 48, 240)
import pandas as pd
for k, v in st.items():
    v = rng.sample(v, len(v)); pd.DataFrame({"image": [png(i) for _, i in v], "category": [c for c, _ in v]}).to_parquet(d("stamps48", f"{k}.parquet"))
# 10 lightning memmap + json annotations
r = list(cifar(C[:8], 250, 64, 0)); rng.shuffle(r)
np.save(d("bank64", "images.npy"), np.stack([np.asarray(i) for _, i in r])); json.dump([c for c, _ in r], open(d("bank64", "labels.json"), "w"))
ann = {"categories": [{"id": 10 * (i + 1), "name": c} for i, c in enumerate(["automobile", "bird", "cat", "frog", "truck"])], "images": [], "annotations": []}
ids = {c["name"]: c["id"] for c in ann["categories"]}
for i, (c, im) in enumerate(rng.sample(list(cifar(list(ids), 300, 40, 400)), 1500)):
    f = f"{i:06d}.jpg"; d("coco40", "images", f).write_bytes(jpg(im))
    ann["images"].append({"id": i, "file_name": f, "split": "val" if i % 5 == 0 else "train"}); ann["annotations"].append({"image_id": i, "category_id": ids[c]})
d("coco40", "annotations.json").write_text(json.dumps(ann))
# 11 HF: imagefolder with metadata.csv; arrow on disk; parquet; jsonl base64
for part, off, n in (("train", 0, 110), ("validation", 110, 60)):
    rows = []
    for i, (c, im) in enumerate(cifar(["cat", "dog", "deer", "horse", "frog", "bird"], n, 32, off)):
        f = f"{i:05d}.png"; im.save(d("hf_animals", part, f)); rows.append((f, c))
    with open(d("hf_animals", part, "metadata.csv"), "w", newline="") as fh:
        w = csv.writer(fh); w.writerow(["file_name", "animal"]); w.writerows(rows)
import datasets
feat = datasets.Features({"pixels": datasets.Array3D((32, 32, 3), "uint8"), "label": datasets.ClassLabel(names=C)})
def dsd(off, n):
    r = list(cifar(C, n, 32, off)); rng.shuffle(r)
    return datasets.Dataset.from_dict({"pixels": [np.asarray(i) for _, i in r], "label": [C.index(c) for c, _ in r]}, features=feat)
datasets.DatasetDict({"train": dsd(0, 200), "test": dsd(1200, 60)}).save_to_disk(str(d("arrow10")))
for part, off, n in (("train", 700, None), ("val", 1300, 60)):
    num = {"airplane": 300, "ship": 260, "truck": 120, "frog": 80, "cat": 60}
    r = [x for c, k in num.items() for x in cifar([c], n or k, 32, off)]; rng.shuffle(r)
    pd.DataFrame({"bytes": [png(i) for _, i in r], "label": [c for c, _ in r]}).to_parquet(d("skewed", f"{part}.parquet"))
for part, off, n in (("train", 2000, 160), ("val", 4000, 50)):
    r = list(fashion(range(10), n, off)); rng.shuffle(r)
    with open(d("b64", f"{part}.jsonl"), "w") as fh:
        for c, a in r: fh.write(json.dumps({"png": base64.b64encode(png(Image.fromarray(a))).decode(), "cls": FN[c]}) + "\n")
# 12 accelerate: zip, tar, txt list
with zipfile.ZipFile(d("shots.zip"), "w") as z:
    for part, off, n in (("train", 500, 196), ("val", 1300, 60)):
        for i, (c, im) in enumerate(cifar(["automobile", "bird", "dog", "frog", "ship", "truck", "deer", "airplane"], n, 32, off)):
            z.writestr(f"{part}/{c}/{i:05d}.png", png(im))
with tarfile.open(d("pairs.tar"), "w") as t:
    r = list(cifar(["bird", "dog", "horse", "ship", "truck", "automobile"], 190, 32, 800)); rng.shuffle(r)
    for i, (c, im) in enumerate(r):
        for ext, b in (("jpg", jpg(im, 95)), ("cls", c.encode())):
            ti = tarfile.TarInfo(f"{i:05d}.{ext}"); ti.size = len(b); t.addfile(ti, io.BytesIO(b))
for i, (c, a) in enumerate(rng.sample(list(fashion([0, 2, 3, 5, 8, 9], 240, 3500)), 1440)):
    Image.fromarray(a).save(d("wear", "scans", f"{i:05d}.png")); open(d("wear", "index.txt"), "a" if i else "w").write(f"{i:05d}\t{FN[c]}\t{i % 4}\n")
# 13 tfrecord + pretrained
import tensorflow as tf, keras
F = lambda b: tf.train.Feature(bytes_list=tf.train.BytesList(value=[b])); I = lambda v: tf.train.Feature(int64_list=tf.train.Int64List(value=[v]))
cl = ["cat", "frog", "ship", "truck", "deer"]; cnt = [400, 220, 220, 120, 80]
for k, (c, n) in enumerate(zip(cl, cnt)):
    for part, off, m in (("train", 0, n), ("val", 1200, 60)):
        with tf.io.TFRecordWriter(str(d("records", f"{part}-{c}.tfrecord"))) as w:
            for _, im in cifar([c], m, 32, off):
                w.write(tf.train.Example(features=tf.train.Features(feature={"image/encoded": F(jpg(im)), "image/label": I(k)})).SerializeToString())
# pretrained: a keras backbone (inputs in -1..1, 48 px)
L = keras.layers; keras.utils.set_random_seed(3)
i = x = keras.Input((48, 48, 3)); x = L.Conv2D(24, 3, strides=2, padding="same", use_bias=False)(x); x = L.BatchNormalization()(x); x = L.ReLU(6)(x)
for w, s in ((48, 1), (96, 2), (96, 1), (160, 2), (160, 1)):
    x = L.DepthwiseConv2D(3, s, padding="same", use_bias=False)(x); x = L.BatchNormalization()(x); x = L.ReLU(6)(x)
    x = L.Conv2D(w, 1, use_bias=False)(x); x = L.BatchNormalization()(x); x = L.ReLU(6)(x)
bb = keras.Model(i, L.GlobalAveragePooling2D()(x), name="mobile_backbone")
r = list(cifar(C, 1100, 48, 400)); rng.shuffle(r); X = np.stack([np.asarray(a) for _, a in r]); Y = np.array([C.index(c) for c, _ in r])
net = keras.Sequential([L.Rescaling(1 / 127.5, -1), L.RandomFlip("horizontal"), bb, L.Dense(10)])
net.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
ep = int(os.environ.get("PRE_EPOCHS", 6))
net.fit(X, Y, batch_size=64, epochs=ep, verbose=2); bb.save(d("pretrained", "mobile48.keras"))
