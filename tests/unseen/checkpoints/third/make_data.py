"""make_data.py ROOT: five small image sets from CIFAR-10, Fashion-MNIST and Tux Paint stamps."""
import csv, gzip, io, json, random, sys, tarfile
from pathlib import Path
import numpy as np
from PIL import Image
ROOT = Path(sys.argv[1]); D = ROOT / "data"; rng = random.Random(4451)
pool = {}
with tarfile.open("/work/shared/data/cifar10/images.tar.gz") as t:
    for m in t:
        p = m.name.split("/")
        if m.isfile() and len(p) >= 3:
            k = (p[-3], p[-2])
            pool.setdefault(k, []).append(t.extractfile(m).read())
print({k: len(v) for k, v in pool.items()})
for v in pool.values():
    rng.shuffle(v)
def take(c, n, part="train"):
    v = pool[(part, c)]
    out, pool[(part, c)] = v[:n], v[n:]
    assert len(out) == n, (c, part, len(out))
    return [Image.open(io.BytesIO(b)).convert("RGB") for b in out]
# 1 outdoors: class folders, train / val
for c in ["airplane", "automobile", "bird", "frog", "horse", "ship"]:
    for split, n in (("train", 340), ("val", 60)):
        d = D / "outdoors" / split / c; d.mkdir(parents=True, exist_ok=True)
        for i, im in enumerate(take(c, n)):
            im.save(d / f"{c[:3]}_{i:04d}.png")
# 2 roadlist: flat folder, csv lists, not square (64x48 or 48x64)
d = D / "roadlist" / "images"; d.mkdir(parents=True, exist_ok=True)
cs = ["truck", "airplane", "deer", "ship", "automobile"]; rows = {"train": [], "test": []}; k = 0
for c in cs:
    for split, n in (("train", 400), ("test", 60)):
        for im in take(c, n):
            im = im.resize((64, 64), Image.BICUBIC)
            im = im.crop((0, 8, 64, 56)) if rng.random() < .75 else im.crop((8, 0, 56, 64))
            rows[split].append([k, c, im]); k += 1
for split, r in rows.items():
    rng.shuffle(r)
    with open(D / "roadlist" / f"{split}.csv", "w", newline="") as f:
        w = csv.writer(f); w.writerow(["file", "label"])
        for i, (k, c, im) in enumerate(r):
            n = f"{rng.randrange(16**6):06x}{k:04d}.png"; im.save(d / n); w.writerow([n, c])
# 3 survey: folders with numbers, 48 px
ids = {"deer": 3, "frog": 8, "truck": 12, "ship": 21, "horse": 100, "bird": 140}
for c, n0 in ids.items():
    for split, n in (("train", 330), ("heldout", 60)):
        d = D / "survey" / split / str(n0); d.mkdir(parents=True, exist_ok=True)
        for i, im in enumerate(take(c, n)):
            im.resize((48, 48), Image.BICUBIC).save(d / f"{i:05d}.png")
# 4 apparel: npz
def idx(n):
    b = gzip.open(f"/usr/share/datasets/fashion-mnist/{n}.gz").read()
    return np.frombuffer(b, np.uint8, offset=16 if "idx3" in n else 8)
(D / "apparel").mkdir(parents=True, exist_ok=True)
for part, out, n in (("train", "train", 2000), ("t10k", "heldout", 400)):
    x = idx(f"{part}-images-idx3-ubyte").reshape(-1, 28, 28); y = idx(f"{part}-labels-idx1-ubyte")
    o = np.random.default_rng(4451).permutation(len(y))[:n]
    np.savez_compressed(D / "apparel" / f"{out}.npz", images=x[o], labels=y[o].astype(np.int64))
# 5 stamps: PNG with alpha, longest side 96, json index
S = Path("/usr/share/tuxpaint/stamps"); d = D / "stamps" / "png"; d.mkdir(parents=True, exist_ok=True)
index = []
for c, cap in (("animals", 146), ("food", 67), ("symbols", 160), ("town", 79), ("plants", 39), ("vehicles", 38)):
    fs = sorted((S / c).rglob("*.png")); rng.shuffle(fs); fs = fs[:cap]
    rows = []
    for f in fs:
        try:
            im = Image.open(f).convert("RGBA")
        except Exception:
            continue
        im.thumbnail((96, 96), Image.LANCZOS)
        n = f"{f.stem}_{rng.randrange(10**5):05d}.png"; im.save(d / n); rows.append(n)
    cut = int(len(rows) * .4) + 1
    index += [{"file": n, "class": c, "part": "test" if i < cut else "train"} for i, n in enumerate(rows)]
rng.shuffle(index)
json.dump(index, open(D / "stamps" / "index.json", "w"), indent=0)
from collections import Counter
print(Counter((r["class"], r["part"]) for r in index), sum(r["part"] == "test" for r in index))
