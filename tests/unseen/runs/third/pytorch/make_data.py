"""Lay the pictures out under ROOT:  python make_data.py ROOT   (no network, under a minute)."""
import csv
import gzip
import io
import pickle
import struct
import sys
import tarfile
import time
from pathlib import Path

import h5py
import numpy as np
import torch
from PIL import Image

ROOT = Path(sys.argv[1])
CIFAR = sys.argv[2]  # images.tar.gz: CIFAR-10 as PNGs
FASHION = Path("/usr/share/datasets/fashion-mnist")
STAMPS = Path("/usr/share/tuxpaint/stamps")
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
PER_CLASS = 720
T0 = time.time()


def say(text):
    print(f"{time.time() - T0:5.1f} s  {text}", flush=True)


def read_cifar():
    pool = {n: {} for n in NAMES}
    with tarfile.open(CIFAR, "r|gz") as tar:
        for m in tar:
            parts = m.name.strip("./").split("/")
            if len(parts) == 3 and parts[0] == "train" and parts[2].endswith(".jpg"):
                i = int(parts[2][:-4])
                if i < PER_CLASS:
                    raw = tar.extractfile(m).read()
                    pool[parts[1]][i] = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB"))
            elif parts[0] == "test" and all(len(v) == PER_CLASS for v in pool.values()):
                break
    out = {}
    for n in NAMES:
        seen, rows = set(), []
        for i in sorted(pool[n]):
            key = pool[n][i].tobytes()
            if key not in seen:
                seen.add(key)
                rows.append(pool[n][i])
        out[n] = rows
    return out


def read_idx(path):
    raw = gzip.decompress(path.read_bytes())
    nd = raw[3]
    dims = struct.unpack(">" + "I" * nd, raw[4:4 + 4 * nd])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * nd).reshape(dims)


def write_idx(path, arr):
    path.parent.mkdir(parents=True, exist_ok=True)
    head = bytes([0, 0, 8, arr.ndim]) + struct.pack(">" + "I" * arr.ndim, *arr.shape)
    data = head + arr.astype(np.uint8).tobytes()
    if path.suffix == ".gz":
        data = gzip.compress(data, 1)
    path.write_bytes(data)


def big(arr, size):
    return Image.fromarray(arr).resize((size, size), Image.BICUBIC)


def save(img, path, **kw):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(img, Image.Image):
        img = Image.fromarray(img)
    img.save(path, **kw)


def tensors(pool, names, a, b, size, mean, std):
    xs, ys = [], []
    for k, n in enumerate(names):
        for arr in pool[n][a:b]:
            xs.append(np.asarray(big(arr, size)))
            ys.append(k)
    x = torch.from_numpy(np.stack(xs)).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    return x, torch.tensor(ys)


def main():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    ROOT.mkdir(parents=True, exist_ok=True)
    pool = read_cifar()
    say("read the photos")

    # scans: numbered pictures and a table in the order of the numbers
    rows = [(n, i) for n in NAMES for i in range(180)]
    rng.shuffle(rows)
    (ROOT / "scans/img").mkdir(parents=True, exist_ok=True)
    with open(ROOT / "scans/labels.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["id", "label"])
        for k, (n, i) in enumerate(rows, 1):
            save(big(pool[str(n)][int(i)], 48), ROOT / f"scans/img/scan_{k}.png", compress_level=1)
            w.writerow([k, n])

    # wild: hdf5 written as OpenCV reads, validation as png in class folders
    animals = ["bird", "cat", "deer", "dog", "frog", "horse"]
    xs, ys = [], []
    for k, n in enumerate(animals):
        for arr in pool[n][:220]:
            xs.append(np.asarray(big(arr, 64))[:, :, ::-1])
            ys.append(k)
        for i, arr in enumerate(pool[n][220:270]):
            save(big(arr, 64), ROOT / f"wild/val/{n}/{i:04d}.png", compress_level=1)
    order = rng.permutation(len(xs))
    with h5py.File(ROOT / "wild/train.h5", "w") as h:
        h["images"] = np.stack(xs)[order]
        h["labels"] = np.array(ys)[order]
        h.attrs["classes"] = ",".join(animals)

    # photos: class folders with splits
    for n in NAMES:
        for i, arr in enumerate(pool[n][:200]):
            part = "train" if i < 160 else "val"
            save(big(arr, 64), ROOT / f"photos/{part}/{n}/{n}_{i:03d}.jpg", quality=92)

    # pickled batches, rows of 3072 bytes, channels first
    rows = [(k, i) for k in range(10) for i in range(250)]
    rng.shuffle(rows)
    (ROOT / "batches").mkdir(exist_ok=True)
    for b in range(5):
        part = rows[b * 500:(b + 1) * 500]
        data = np.stack([pool[NAMES[k]][i].transpose(2, 0, 1).reshape(-1) for k, i in part])
        name = "test_batch" if b == 4 else f"data_batch_{b + 1}"
        with open(ROOT / "batches" / name, "wb") as f:
            pickle.dump({"data": data, "labels": [int(k) for k, _ in part]}, f)

    # gallery: class folders without splits
    for n in ["airplane", "automobile", "cat", "horse", "ship", "truck"]:
        for i, arr in enumerate(pool[n][:220]):
            save(big(arr, 72), ROOT / f"gallery/{n}/{i:05d}.jpg", quality=92)

    # clinic: two tables, one folder of files
    clinic = ["bird", "deer", "dog", "frog", "ship"]
    rows = [(n, i) for n in clinic for i in range(200)]
    rng.shuffle(rows)
    tables = {"train": [], "valid": []}
    for k, (n, i) in enumerate(rows):
        name = f"case_{k:05d}.png"
        save(big(pool[str(n)][int(i)], 80), ROOT / "clinic/files" / name, compress_level=1)
        tables["train" if int(i) < 160 else "valid"].append((name, n))
    for part, lines in tables.items():
        with open(ROOT / f"clinic/{part}.csv", "w", newline="") as f:
            csv.writer(f).writerows([("file", "finding"), *lines])

    # npz, channels last
    for part, a, b in (("train", 0, 250), ("test", 250, 320)):
        x = np.concatenate([np.stack(pool[n][a:b]) for n in NAMES])
        y = np.repeat(np.arange(10), b - a)
        o = rng.permutation(len(x))
        (ROOT / "packs").mkdir(exist_ok=True)
        np.savez(ROOT / f"packs/{part}.npz", x=x[o], y=y[o])

    # field: one table for folds
    kinds = ["automobile", "bird", "frog", "horse", "truck"]
    rows = [(n, i) for n in kinds for i in range(180)]
    rng.shuffle(rows)
    (ROOT / "field").mkdir(exist_ok=True)
    with open(ROOT / "field/train.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["image_id", "kind"])
        for k, (n, i) in enumerate(rows):
            save(big(pool[str(n)][int(i)], 64), ROOT / f"field/images/{k:04d}.jpg", quality=92)
            w.writerow([f"{k:04d}.jpg", n])

    # signs: hdf5 with groups
    eight = [n for n in NAMES if n not in ("cat", "deer")]
    with h5py.File(ROOT / "signs.h5", "w") as h:
        for part, a, b in (("train", 0, 220), ("val", 220, 280)):
            x = np.concatenate([np.stack([np.asarray(big(p, 48)) for p in pool[n][a:b]]) for n in eight])
            y = np.repeat(np.arange(8), b - a)
            o = rng.permutation(len(x))
            h[f"{part}/images"], h[f"{part}/labels"] = x[o], y[o]
    say("wrote the photos")

    # fashion: torchvision's layout, gzipped idx, and an unbalanced folder
    fx, fy = read_idx(FASHION / "train-images-idx3-ubyte.gz"), read_idx(FASHION / "train-labels-idx1-ubyte.gz")
    tx, ty = read_idx(FASHION / "t10k-images-idx3-ubyte.gz"), read_idx(FASHION / "t10k-labels-idx1-ubyte.gz")
    raw = ROOT / "fm/FashionMNIST/raw"
    write_idx(raw / "train-images-idx3-ubyte", fx[:3000])
    write_idx(raw / "train-labels-idx1-ubyte", fy[:3000])
    write_idx(raw / "t10k-images-idx3-ubyte", tx[:1000])
    write_idx(raw / "t10k-labels-idx1-ubyte", ty[:1000])
    write_idx(ROOT / "idx/train-images.gz", fx[10000:13000])
    write_idx(ROOT / "idx/train-labels.gz", fy[10000:13000])
    write_idx(ROOT / "idx/test-images.gz", tx[2000:2800])
    write_idx(ROOT / "idx/test-labels.gz", ty[2000:2800])
    shop = [("tshirt", 0, 420), ("trouser", 1, 300), ("pullover", 2, 240), ("dress", 3, 160), ("sandal", 5, 110), ("bag", 8, 80)]
    lines = []
    for name, k, count in shop:
        for j, i in enumerate(np.flatnonzero(fy[20000:] == k)[:count]):
            save(Image.fromarray(fx[20000 + i]), ROOT / f"shop/{name}/{j:04d}.png")
            lines.append(f"{name}/{j:04d}.png {'val' if j % 5 == 0 else 'train'}")
    (ROOT / "shop/split.txt").write_text("\n".join(lines) + "\n")
    say("wrote the clothes")

    # stamps: name-coded files with transparency
    for c in ["animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles"]:
        k, seen = 0, set()
        for p in sorted(q for q in (STAMPS / c).rglob("*.png") if "mirror" not in q.name and "flip" not in q.name)[:120]:
            img = Image.open(p).convert("RGBA")
            img.thumbnail((96, 96))
            if img.tobytes() in seen or min(img.size) < 16:
                continue
            seen.add(img.tobytes())
            save(img, ROOT / f"stamps/{c}-{k:03d}.png", compress_level=1)
            k += 1
    say("wrote the stamps")

    # weights (trained some minutes by assets/make_assets.py on other pictures than the validation ones)
    (ROOT / "weights").mkdir(exist_ok=True)

    def asset(name):
        return {k: v.float() if v.is_floating_point() else v
                for k, v in torch.load(Path(__file__).resolve().parent / "assets" / f"{name}.pt").items()}

    torch.save(asset("mobilenetv3_small_objects"), ROOT / "weights/mobilenetv3_small_objects.pth")
    torch.save({"epoch": 40, "arch": "resnet18",
                "state_dict": {"module." + k: v for k, v in asset("resnet18_objects").items()}},
               ROOT / "weights/resnet18_objects.pth.tar")
    torch.save({"model": asset("signs_teacher"), "classes": eight}, ROOT / "weights/signs_teacher.pt")
    say("done")


main()
