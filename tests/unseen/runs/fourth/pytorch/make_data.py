"""Lay out the data of the programs in this folder.

    python make_data.py ROOT CIFAR-images.tar.gz
"""
import csv
import gzip
import hashlib
import io
import os
import pickle
import random
import sys
import tarfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import h5py
import numpy as np
import torch
import torch.nn as nn
from PIL import Image

HERE = Path(__file__).resolve().parent
FASHION = Path("/usr/share/datasets/fashion-mnist")
STAMPS = Path("/usr/share/tuxpaint/stamps")
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def read_cifar(path, per_class=520):
    found = {n: {} for n in NAMES}
    with tarfile.open(path, "r|gz") as tar:
        for member in tar:
            parts = member.name.strip("./").split("/")
            if len(parts) != 3 or parts[0] != "train" or not member.isfile():
                continue
            number = int(parts[2].split(".")[0])
            if number < per_class:
                found[parts[1]][number] = tar.extractfile(member).read()
    pool = {}
    for name in NAMES:
        images = [np.asarray(Image.open(io.BytesIO(found[name][k])).convert("RGB")) for k in sorted(found[name])]
        pool[name] = without_near_copies(images)
    return pool


def without_near_copies(images):
    small = np.stack([np.asarray(Image.fromarray(i).resize((8, 8), Image.BOX), np.float32).reshape(-1) for i in images])
    square = (small ** 2).sum(1)
    gap = np.sqrt(np.maximum(square[:, None] + square[None] - 2 * small @ small.T, 0) / small.shape[1])
    keep = []
    for k in range(len(images)):
        if not keep or gap[k, keep].min() > 9:
            keep.append(k)
    return [images[k] for k in keep]


def grown(array, size):
    image = Image.fromarray(array)
    return image if size == array.shape[0] else image.resize((size, size), Image.BICUBIC)


def write(array, path, size, quality=93):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = grown(array, size)
    image.save(path, **({"quality": quality} if path.suffix == ".jpg" else {}))


def table(pool, classes, start, count, rng):
    rows = [(pool[c][k], n) for n, c in enumerate(classes) for k in range(start, start + count)]
    rng.shuffle(rows)
    return np.stack([r[0] for r in rows]), np.array([r[1] for r in rows], np.int64)


def read_idx(path):
    raw = gzip.open(path).read()
    dims = [int.from_bytes(raw[4 + 4 * k:8 + 4 * k], "big") for k in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(dims)).reshape(dims)


def write_idx(path, array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(int(d).to_bytes(4, "big") for d in array.shape)
    path.write_bytes(head + np.ascontiguousarray(array).tobytes())


def brief_training(model, x, y, mean, std, seconds, lr=0.002, size=None, most=300):
    x = torch.from_numpy(x).permute(0, 3, 1, 2).float().div_(255)
    x = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    y = torch.from_numpy(y)
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.02)
    seconds *= float(os.environ.get("BRIEF", 1))
    usual = {m: m.momentum for m in model.modules() if isinstance(m, nn.BatchNorm2d)}
    for m in usual:
        m.momentum = 0.1
    model.train()
    begin, steps = time.time(), 0
    while time.time() - begin < seconds and steps < most:
        passed = max((time.time() - begin) / seconds, steps / most)
        opt.param_groups[0]["lr"] = lr * (1.02 - passed)
        pick = torch.randint(len(x), (32,))
        batch = x[pick]
        if size:
            batch = nn.functional.interpolate(batch, size=size, mode="bilinear")
        loss = nn.functional.cross_entropy(model(batch), y[pick])
        opt.zero_grad()
        loss.backward()
        opt.step()
        steps += 1
    for m, momentum in usual.items():
        m.momentum = momentum
    print(type(model).__name__, steps, "steps, loss %.3f" % loss.item())
    return model.eval()


def main(root, tar):
    rng = random.Random(11)
    torch.manual_seed(3)
    torch.set_num_threads(1)
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    pool = read_cifar(tar)
    print({n: len(p) for n, p in pool.items()})

    # class folders with splits
    for c in ["airplane", "bird", "cat", "deer", "ship", "truck"]:
        for k in range(150):
            write(pool[c][k], root / "photos" / ("train" if k < 120 else "val") / c / f"{c}_{k:04d}.jpg", 64)

    # one flat folder, two csv
    rows = {"train": [], "valid": []}
    for c in ["automobile", "dog", "frog", "horse", "ship"]:
        for k in range(190):
            name = hashlib.md5(f"{c}{k}".encode()).hexdigest()[:12] + ".png"
            write(pool[c][k], root / "market" / "images" / name, 48)
            rows["train" if k < 150 else "valid"].append((name, c))
    for split, lines in rows.items():
        rng.shuffle(lines)
        with open(root / "market" / f"{split}.csv", "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["image_id", "category"])
            out.writerows(lines)

    # npz, height width channel
    (root / "arrays").mkdir(exist_ok=True)
    x, y = table(pool, NAMES[:8], 200, 110, rng)
    xv, yv = table(pool, NAMES[:8], 310, 30, rng)
    np.savez(root / "arrays" / "tiny8.npz", x_train=x, y_train=y, x_val=xv, y_val=yv, names=np.array(NAMES[:8]))

    # idx
    (root / "fashion").mkdir(exist_ok=True)
    images = read_idx(FASHION / "train-images-idx3-ubyte.gz")
    labels = read_idx(FASHION / "train-labels-idx1-ubyte.gz")
    write_idx(root / "fashion" / "train-images-idx3-ubyte", images[:3000])
    write_idx(root / "fashion" / "train-labels-idx1-ubyte", labels[:3000])

    # pickles, rows of planes
    (root / "batches").mkdir(exist_ok=True)
    x, y = table(pool, NAMES, 0, 120, rng)
    xt, yt = table(pool, NAMES, 120, 30, rng)
    parts = [(f"data_batch_{n + 1}", x[n::3], y[n::3]) for n in range(3)] + [("test_batch", xt, yt)]
    for name, a, b in parts:
        with open(root / "batches" / name, "wb") as f:
            pickle.dump({"data": a.transpose(0, 3, 1, 2).reshape(len(a), -1), "labels": b.tolist()}, f)
    with open(root / "batches" / "batches.meta", "wb") as f:
        pickle.dump({"label_names": NAMES}, f)

    # class folders and lists
    lists = {"train": [], "val": []}
    for n, c in enumerate(["bird", "cat", "deer", "dog", "frog", "horse"]):
        for k in range(200, 340):
            rel = f"images/{c}/{k:05d}.jpg"
            write(pool[c][k], root / "creatures" / rel, 64)
            lists["train" if k < 310 else "val"].append(f"{rel} {n}")
    for split, lines in lists.items():
        (root / "creatures" / f"{split}.txt").write_text("\n".join(lines) + "\n")

    # stamps, flat folder and one csv
    wanted = {"animal": "animals", "food": "food", "plant": "plants", "town": "town", "vehicle": "vehicles"}
    lines, seen = [], []
    for label, where in wanted.items():
        kept = 0
        for path in sorted((STAMPS / where).rglob("*.png")):
            if any(w in path.stem for w in ("_mirror", "_flip", "Mirror")) or kept >= 75:
                continue
            try:
                image = Image.open(path).convert("RGBA")
            except OSError:
                continue
            image.thumbnail((72, 72))
            sheet = Image.new("RGB", (72, 72), (255, 255, 255))
            sheet.paste(image, ((72 - image.width) // 2, (72 - image.height) // 2), image)
            thumb = np.asarray(sheet.resize((12, 12), Image.BOX), np.float32)
            if any(np.sqrt(((thumb - o) ** 2).mean()) < 8 for o in seen):
                continue
            seen.append(thumb)
            kept += 1
            name = f"st{len(lines):04d}.png"
            (root / "stickers" / "img").mkdir(parents=True, exist_ok=True)
            sheet.save(root / "stickers" / "img" / name)
            lines.append((name, label))
    rng.shuffle(lines)
    with open(root / "stickers" / "labels.csv", "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["file", "label"])
        out.writerows(lines)
    print("stickers", len(lines))

    # shards
    (root / "shards").mkdir(exist_ok=True)
    x, y = table(pool, NAMES, 150, 100, rng)
    xv, yv = table(pool, NAMES, 250, 30, rng)
    for n in range(4):
        np.savez(root / "shards" / f"train-{n:02d}.npz", image=x[n::4], label=y[n::4])
    np.savez(root / "shards" / "val-00.npz", image=xv, label=yv)

    # hdf5
    x, y = table(pool, NAMES[2:8], 100, 150, rng)
    with h5py.File(root / "pictures.h5", "w") as f:
        f["images"], f["labels"] = x, y
        f["split"] = np.array([0 if n % 6 else 1 for n in range(len(x))], np.uint8)
        f.attrs["classes"] = NAMES[2:8]

    # classes in the file names
    for c in ["airplane", "automobile", "ship", "truck", "horse"]:
        for k in range(60, 230):
            write(pool[c][k], root / "scans" / f"{c}-{k:04d}.png", 40)

    # classes of unequal size
    for c, count in [("car", 160), ("plane", 90), ("ship", 60), ("truck", 120)]:
        source = {"car": "automobile", "plane": "airplane"}.get(c, c)
        for k in range(count + 30):
            where = root / "vehicles" / ("train" if k < count else "valid") / c
            write(pool[source][k + 180], where / f"{k:04d}.jpg", 64)

    # one folder a class
    for c in ["bird", "cat", "dog", "frog", "horse"]:
        for k in range(40, 200):
            write(pool[c][k], root / "zoo" / c / f"img_{k:03d}.jpg", 64)

    object_weights(root, pool, rng)
    teacher_weights(root)
    earlier_run(root)


def object_weights(root, pool, rng):
    from torchvision import models
    (root / "weights").mkdir(exist_ok=True)
    every, number = table(pool, NAMES, 340, 150, rng)
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    net = brief_training(models.resnet18(num_classes=10), every, number, mean, std, 25, lr=0.001, most=200)
    torch.save(net.state_dict(), root / "weights" / "resnet18_objects.pth")
    torch.save({"state_dict": {"module." + k: v for k, v in net.state_dict().items()}, "epoch": 90, "arch": "resnet18"},
               root / "weights" / "resnet18_checkpoint.pth.tar")
    net = brief_training(models.mobilenet_v3_small(num_classes=10), every, number, mean, std, 25, size=64, most=200)
    torch.save(net.state_dict(), root / "weights" / "mobilenet_v3_small_objects.pth")


def teacher_weights(root):
    if not (HERE / "distill_h5" / "nets.py").exists():
        return
    sys.path.insert(0, str(HERE / "distill_h5"))
    import nets
    sys.path.pop(0)
    with h5py.File(root / "pictures.h5") as f:
        keep = f["split"][:] == 0
        x, y = f["images"][:][keep], f["labels"][:][keep]
    net = brief_training(nets.Teacher(6), x, y, (0.49, 0.48, 0.43), (0.25, 0.24, 0.26), 35)
    torch.save({"model": net.state_dict()}, root / "weights" / "teacher.pt")


def earlier_run(root):
    """The first epochs of the trainer with resume, by the program itself."""
    import subprocess
    program = HERE / "trainer_resume" / "main.py"
    if not program.exists():
        return
    subprocess.run([sys.executable, str(program), "--epochs", "40", "--stop-after", "1", "--out", "runs/vehicles"],
                   cwd=root, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
