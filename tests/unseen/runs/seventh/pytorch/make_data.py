"""make_data.py ROOT: lays out the data sets of the 20 programs below ROOT."""
import sys, os, io, csv, gzip, json, glob, pickle, sqlite3, tarfile, random
import numpy as np
from PIL import Image

ROOT = sys.argv[1]
SEED = 7103
CIFAR = "/work/shared/data/cifar10/images.tar.gz"
FASHION = "/usr/share/datasets/fashion-mnist/"
STAMPS = "/usr/share/tuxpaint/stamps/"
C10 = "airplane automobile bird cat deer dog frog horse ship truck".split()
FM = "tshirt trouser pullover dress coat sandal shirt sneaker bag boot".split()
P = lambda *a: os.path.join(ROOT, *a)
def mk(*a):
    d = P(*a); os.makedirs(d, exist_ok=True); return d

def cifar(per):
    out = {c: [] for c in C10}
    with tarfile.open(CIFAR, "r|gz") as t:
        for m in t:
            b = m.name.split("/")
            if m.isfile() and b[0] == "train" and len(out[b[1]]) < per:
                out[b[1]].append(np.array(Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB")))
            if b[0] == "test" and all(len(v) >= per for v in out.values()):
                break
    return out

def fashion(n):
    def rd(f, o):
        return np.frombuffer(gzip.open(FASHION + f).read(), np.uint8, offset=o)
    return rd("train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)[:n], rd("train-labels-idx1-ubyte.gz", 8)[:n].astype(int)

def mixed(cf, classes, lo, hi):
    xs = [(a, k) for k, c in enumerate(classes) for a in cf[c][lo:hi]]
    random.shuffle(xs)
    return np.stack([a for a, _ in xs]), np.array([k for _, k in xs])

def up(a, s): return Image.fromarray(a).resize((s, s), Image.BICUBIC)
def enc(im, f="PNG"):
    b = io.BytesIO(); im.save(b, f); return b.getvalue()

def main():
    random.seed(SEED); np.random.seed(SEED)
    cf = cifar(900); fx, fy = fashion(6000)
    # 1 csv lists, grey png
    mk("garments/img")
    for name, lo, hi in (("train", 0, 1500), ("val", 1500, 2000)):
        with open(P("garments", name + ".csv"), "w", newline="") as f:
            w = csv.writer(f); w.writerow(["file", "category"])
            for i in range(lo, hi):
                Image.fromarray(fx[i]).save(P("garments/img", f"{i:05d}.png")); w.writerow([f"{i:05d}.png", FM[fy[i]]])
    # 2 hdf5
    import h5py
    with h5py.File(P("cifar_small.h5"), "w") as h:
        for n, lo, hi in (("train", 0, 160), ("valid", 160, 210)):
            x, y = mixed(cf, C10, lo, hi)
            h.create_dataset(n + "/pixels", data=x, chunks=(32, 32, 32, 3)); h.create_dataset(n + "/target", data=y)
    # 3 class folders, pre-split, the same file names in each class
    for c in ("airplane", "automobile", "ship", "truck", "horse", "frog"):
        for n, lo, hi in (("train", 200, 420), ("val", 420, 480)):
            d = mk("transport", n, c)
            for i, a in enumerate(cf[c][lo:hi]): up(a, 40).save(f"{d}/{i:04d}.png")
    # 4 pickled batches, flat rows
    mk("batches")
    x, y = mixed(cf, C10, 300, 500)
    for b in range(5):
        s = slice(b * 400, b * 400 + 400)
        pickle.dump({"data": x[s].transpose(0, 3, 1, 2).reshape(400, -1), "labels": y[s].tolist()}, open(P("batches", "data_batch_%d" % (b + 1)), "wb"))
    pickle.dump({"label_names": C10}, open(P("batches", "meta"), "wb"))
    # 5 npy
    mk("fnpy")
    for n, lo, hi in (("train", 2000, 4000), ("test", 4000, 4600)):
        np.save(P("fnpy", n + "_x.npy"), fx[lo:hi]); np.save(P("fnpy", n + "_y.npy"), fy[lo:hi].astype(np.uint8))
    # 6 class folders, not split
    for c in ("bird", "cat", "deer", "dog", "frog", "horse"):
        d = mk("wild", c)
        for i, a in enumerate(cf[c][:220]): up(a, 36).save(f"{d}/{c}{i:04d}.jpg", quality=95)
    # 7 parquet with bytes
    import pandas as pd
    mk("table")
    for n, lo, hi in (("train", 500, 660), ("validation", 660, 710)):
        x, y = mixed(cf, C10, lo, hi)
        pd.DataFrame({"image": [enc(Image.fromarray(a)) for a in x], "label": y}).to_parquet(P("table", n + ".parquet"))
    # 8 sqlite
    if os.path.exists(P("pictures.db")): os.remove(P("pictures.db"))
    db = sqlite3.connect(P("pictures.db"))
    db.execute("create table picture (id integer primary key, part text, class text, blob blob)")
    for n, lo, hi in (("fit", 0, 220), ("check", 220, 280)):
        x, y = mixed(cf, C10[:8], lo, hi)
        db.executemany("insert into picture (part, class, blob) values (?,?,?)", [(n, C10[k], enc(Image.fromarray(a), "JPEG")) for a, k in zip(x, y)])
    db.commit(); db.close()
    # 9 json annotations in the COCO manner
    mk("coco/images"); cats = ["cat", "dog", "horse", "deer", "bird"]
    x, y = mixed(cf, cats, 300, 600)
    for n, lo, hi in (("train", 0, 1200), ("val", 1200, 1500)):
        im = [{"id": 1000 + i, "file_name": f"{1000+i:012d}.jpg"} for i in range(lo, hi)]
        an = [{"id": 9 * i, "image_id": 1000 + i, "category_id": 10 + 3 * int(y[i])} for i in range(lo, hi)]
        random.shuffle(an)
        json.dump({"images": im, "annotations": an, "categories": [{"id": 10 + 3 * k, "name": c} for k, c in enumerate(cats)]}, open(P("coco", n + ".json"), "w"))
        for i in range(lo, hi): up(x[i], 48).save(P("coco/images", f"{1000+i:012d}.jpg"), quality=95)
    # 10 text lists
    mk("lists/jpg"); x, y = mixed(cf, C10, 0, 130)
    fs = [open(P("lists", "train.txt"), "w"), open(P("lists", "val.txt"), "w")]
    for i in range(len(x)):
        Image.fromarray(x[i]).save(P("lists/jpg", f"p{i}.jpg"), quality=96); fs[i >= 900].write(f"jpg/p{i}.jpg {y[i]}\n")
    [f.close() for f in fs]
    # 11 stamps: flat names with alpha; and folders with a folds.csv
    mk("stamps_flat"); rows = []
    for g in ("animals", "symbols", "food", "seasonal", "town"):
        mk("stamps_folds", g)
        for i, f in enumerate(sorted(glob.glob(STAMPS + g + "/**/*.png", recursive=True))):
            im = Image.open(f).convert("RGBA"); im.thumbnail((48, 48))
            c = Image.new("RGBA", (48, 48)); c.paste(im, ((48 - im.width) // 2, (48 - im.height) // 2))
            c.save(P("stamps_flat", f"{g}-{i:03d}.png")); c.save(P("stamps_folds", g, f"{i:03d}.png"))
            rows.append([f"{g}/{i:03d}.png", g])
    random.shuffle(rows)
    with open(P("stamps_folds", "folds.csv"), "w", newline="") as f:
        w = csv.writer(f); w.writerow(["path", "group", "fold"])
        for i, r in enumerate(rows): w.writerow(r + [i % 3])
    # 12 one flat directory, class in the name
    mk("pool"); names = {"train": [], "val": []}
    for c in C10:
        for i, a in enumerate(cf[c][400:520]):
            n = f"{c}_{i:03d}.png"; Image.fromarray(a).save(P("pool", n)); names["train" if i < 90 else "val"].append(n)
    for k, v in names.items():
        open(P("pool", k + ".lst"), "w").write("\n".join(v))
    # 13 npz
    a, b = mixed(cf, C10, 100, 260), mixed(cf, C10, 260, 310)
    np.savez(P("tiles.npz"), x_train=a[0], y_train=a[1], x_test=b[0], y_test=b[1])
    # 14 jsonl
    mk("jsonl/im"); x, y = mixed(cf, C10, 550, 700)
    with open(P("jsonl", "index.jsonl"), "w") as f:
        for i in range(1500):
            up(x[i], 32).save(P("jsonl/im", f"{i}.png")); f.write(json.dumps({"f": f"im/{i}.png", "tags": [C10[y[i]]], "subset": "val" if i % 5 == 0 else "train"}) + "\n")
    # 15 tar shards
    mk("shards"); x, y = mixed(cf, C10, 0, 200)
    for s in range(10):
        with tarfile.open(P("shards", f"{'val' if s > 7 else 'train'}-{s:03d}.tar"), "w") as t:
            for i in range(s * 200, s * 200 + 200):
                for e, d in (("jpg", enc(Image.fromarray(x[i]), "JPEG")), ("cls", str(int(y[i])).encode())):
                    ti = tarfile.TarInfo(f"{i:06d}.{e}"); ti.size = len(d); t.addfile(ti, io.BytesIO(d))
    # 16 small pre-split folders for transfer
    for c in ("cat", "dog", "deer", "horse"):
        for n, lo, hi in (("train", 0, 150), ("test", 150, 220)):
            d = mk("mammals", n, c)
            for i in range(lo, hi): Image.fromarray(cf[c][i]).save(f"{d}/{c}{i}.png")
    # 17 idx files
    mk("idx")
    def idx(name, arr):
        with gzip.open(P("idx", name), "wb") as f:
            f.write(bytes([0, 0, 8, arr.ndim]) + b"".join(int(s).to_bytes(4, "big") for s in arr.shape) + arr.astype(np.uint8).tobytes())
    for n, lo, hi in (("train", 4000, 5500), ("t10k", 5500, 6000)):
        idx(n + "-images.gz", fx[lo:hi]); idx(n + "-labels.gz", fy[lo:hi])
    # 18 npy per class
    mk("perclass")
    for c in C10[2:]: np.save(P("perclass", c + ".npy"), np.stack(cf[c][:200]))
    weights(cf)

def weights(cf):
    """a small residual network trained on the classes, as trunk and as teacher"""
    import torch, torch.nn as nn, torch.nn.functional as F
    torch.manual_seed(SEED); torch.set_num_threads(1)
    def cbr(i, o, s=1): return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
    class Res(nn.Module):
        def __init__(s, c): super().__init__(); s.body = nn.Sequential(cbr(c, c), cbr(c, c))
        def forward(s, x): return x + s.body(x)
    class Net(nn.Module):
        def __init__(s, n=10):
            super().__init__()
            s.trunk = nn.Sequential(cbr(3, 24), cbr(24, 48, 2), Res(48), cbr(48, 96, 2), Res(96), cbr(96, 128, 2))
            s.head = nn.Linear(128, n)
        def forward(s, x): return s.head(s.trunk(x).mean((2, 3)))
    x, y = mixed(cf, C10, 220, 900)
    x = (torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.25; y = torch.from_numpy(y)
    net = Net(); E, B = 8, 64; st = len(x) // B
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    sch = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=E * st)
    for e in range(E):
        p = torch.randperm(len(x))
        for i in range(st):
            q = p[i * B:i * B + B]; xb = x[q]
            if random.random() < .5: xb = xb.flip(3)
            xb = F.pad(xb, (3,) * 4, mode="reflect"); a, b = random.randrange(7), random.randrange(7)
            loss = F.cross_entropy(net(xb[:, :, a:a + 32, b:b + 32]), y[q])
            opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        print("weights: epoch", e, float(loss), flush=True)
    mk("weights")
    torch.save({"arch": "resmini", "model": net.state_dict(), "classes": C10}, P("weights", "resmini_c10.pt"))

main()
