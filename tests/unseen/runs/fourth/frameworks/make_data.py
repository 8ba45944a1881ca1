"""Lay out the data of the programs in this folder.

    python make_data.py ROOT CIFAR-images.tar.gz
"""
import csv
import gzip
import io
import os
import pickle
import random
import subprocess
import sys
import tarfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from PIL import Image

FASHION = Path("/usr/share/datasets/fashion-mnist")
STAMPS = Path("/usr/share/tuxpaint/stamps")
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def read_cifar(tar_path, per_class=900):
    found = {n: {} for n in NAMES}
    with tarfile.open(tar_path, "r|gz") as tar:
        for member in tar:
            parts = member.name.split("/")
            if len(parts) != 3 or parts[0] != "train" or not member.isfile():
                continue
            number = int(parts[2].split(".")[0])
            if number < per_class:
                found[parts[1]][number] = tar.extractfile(member).read()
    return {n: [found[n][k] for k in sorted(found[n])] for n in NAMES}


def pixels(raw, size=None):
    image = Image.open(io.BytesIO(raw)).convert("RGB")
    if size and size != 32:
        image = image.resize((size, size), Image.BICUBIC)
    return image


def save(raw, path, size, quality=92):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels(raw, size)
    image.save(path, **({"quality": quality} if path.suffix == ".jpg" else {}))


def stamps(root):
    wanted = {"mammals": "animals/mammals", "birds": "animals/birds", "fruit": "food/fruit",
              "flowers": "plants/flowers", "houses": "town/houses", "roadsigns": "town/roadsigns",
              "insects": "animals/insects", "vegetables": "food/vegetables"}
    for name, where in wanted.items():
        for k, path in enumerate(sorted((STAMPS / where).rglob("*.png"))):
            if "_mirror" in path.name or "_flip" in path.name:
                continue
            image = Image.open(path).convert("RGBA")
            image.thumbnail((120, 120), Image.LANCZOS)
            page = Image.new("RGBA", (128, 128), (255, 255, 255, 255))
            page.alpha_composite(image, ((128 - image.width) // 2, (128 - image.height) // 2))
            out = root / "stamps" / "stampbook" / name / f"{name}_{k:03d}.png"
            out.parent.mkdir(parents=True, exist_ok=True)
            page.convert("RGB").save(out)


def fashion(root):
    out = root / "fashion" / "idx"
    out.mkdir(parents=True, exist_ok=True)
    for stem, keep, to in (("train", 3000, "train"), ("t10k", 800, "val")):
        images = gzip.open(FASHION / f"{stem}-images-idx3-ubyte.gz").read()
        labels = gzip.open(FASHION / f"{stem}-labels-idx1-ubyte.gz").read()
        head = images[:4] + keep.to_bytes(4, "big") + images[8:16]
        (out / f"{to}-images.idx3").write_bytes(head + images[16:16 + keep * 784])
        (out / f"{to}-labels.idx1").write_bytes(labels[:4] + keep.to_bytes(4, "big") + labels[8:8 + keep])


def train_torch(root, cifar):
    """A ResNet and a ViT, each trained for some seconds, as stand-ins for downloaded weights."""
    import time
    import torch
    from torch import nn
    from torchvision.models import resnet18
    from transformers import ViTConfig, ViTForImageClassification
    torch.manual_seed(0)
    torch.set_num_threads(1)
    x = np.stack([np.asarray(pixels(raw)) for n in NAMES for raw in cifar[n][600:860]])
    y = torch.arange(10).repeat_interleave(260)
    x = torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    x = (x - mean) / std

    def fit(net, size, seconds, lr, get=lambda o: o):
        optimizer = torch.optim.AdamW(net.parameters(), lr=lr)
        net.train()
        steps = 0
        start = time.time()
        while time.time() - start < seconds:
            pick = torch.randint(len(x), (48,))
            batch = nn.functional.interpolate(x[pick], size=size, mode="bilinear")
            loss = nn.functional.cross_entropy(get(net(batch)), y[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            steps += 1
        print(type(net).__name__, steps, "steps, loss", round(loss.item(), 3))

    net = resnet18(num_classes=10)
    fit(net, 32, 10, 1e-3)
    (root / "stamps" / "weights").mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), root / "stamps" / "weights" / "resnet18_photos10.pth")

    vit = ViTForImageClassification(ViTConfig(
        image_size=64, patch_size=8, hidden_size=192, num_hidden_layers=6, num_attention_heads=3,
        intermediate_size=576, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, num_labels=10))
    fit(vit, 64, 5, 5e-4, lambda o: o.logits)
    state = {"module.base_encoder." + k: v for k, v in vit.state_dict().items() if not k.startswith("classifier")}
    (root / "wildlife" / "pretrain").mkdir(parents=True, exist_ok=True)
    torch.save({"epoch": 100, "arch": "vit_t8_64", "state_dict": state}, root / "wildlife" / "pretrain" / "moco_vit_t8_64.pth.tar")


KERAS = r'''
import sys, time, os
import numpy as np, tensorflow as tf, keras
root, source = sys.argv[1:3]
z = np.load(source)
x, y = z["x"].astype("float32") / 127.5 - 1.0, z["y"]
x = tf.image.resize(x, (48, 48)).numpy()
def fit(base, seconds, path):
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.8
    i = keras.Input((48, 48, 3))
    o = keras.layers.Dense(10)(keras.layers.GlobalAveragePooling2D()(base(i)))
    m = keras.Model(i, o)
    m.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(0)
    m.train_on_batch(x[:32], y[:32])
    start = time.time()
    while time.time() - start < seconds:
        p = rng.integers(0, len(x), 32)
        loss = m.train_on_batch(x[p], y[p])
    print(base.name, "loss", loss)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    base.save_weights(path)
fit(keras.applications.MobileNetV2(input_shape=(48, 48, 3), alpha=0.35, include_top=False, weights=None), 9,
    root + "/garage/weights/mobilenetv2_035_64_notop.weights.h5")
fit(keras.applications.MobileNet(input_shape=(48, 48, 3), alpha=0.25, include_top=False, weights=None), 7,
    root + "/pond/weights/mobilenet_025_64_notop.weights.h5")
'''


def main():
    root, tar_path = Path(sys.argv[1]), sys.argv[2]
    rng = random.Random(5)
    root.mkdir(parents=True, exist_ok=True)
    cifar = read_cifar(tar_path)

    # weights of the two Keras networks, made beside the rest
    source = root / ".photos32.npz"
    np.savez(source, x=np.stack([np.asarray(pixels(r)) for n in NAMES for r in cifar[n][600:860]]),
             y=np.repeat(np.arange(10), 260))
    keras_job = subprocess.Popen([sys.executable, "-c", KERAS, str(root), str(source)])

    stamps(root)
    fashion(root)

    # photos: class folders with splits
    for split, low, high in (("train", 0, 200), ("val", 200, 250)):
        for n in NAMES:
            for k, raw in enumerate(cifar[n][low:high]):
                save(raw, root / "photos" / "photos10" / split / n / f"{n}-{low + k:04d}.jpg", 64)

    # wildlife: imagefolder with splits, six animals
    for split, low, high in (("train", 0, 220), ("validation", 220, 280)):
        for n in ("bird", "cat", "deer", "dog", "frog", "horse"):
            for k, raw in enumerate(cifar[n][low:high]):
                save(raw, root / "wildlife" / "images" / split / n / f"{low + k:05d}.jpg", 72)

    # shards: parquet with encoded pictures
    import pyarrow as pa
    import pyarrow.parquet as pq
    (root / "shards" / "cifar_parquet").mkdir(parents=True, exist_ok=True)
    for split, low, high in (("train", 250, 500), ("validation", 500, 560)):
        rows = [(cifar[n][k], c) for c, n in enumerate(NAMES) for k in range(low, high)]
        rng.shuffle(rows)
        pq.write_table(pa.table({"img_bytes": [r[0] for r in rows], "label": [r[1] for r in rows]}),
                       root / "shards" / "cifar_parquet" / f"{split}-00000.parquet")

    # skyline: hdf5, height x width x channels, classes of unequal size in the training part
    import h5py
    (root / "skyline").mkdir(parents=True, exist_ok=True)
    with h5py.File(root / "skyline" / "photos48.h5", "w") as f:
        for split, low in (("train", 0), ("val", 320)):
            rows = [(k, c) for c in range(10) for k in range(low, low + ((320, 80, 160, 240)[c % 4] if split == "train" else 60))]
            g = f.create_group(split)
            g["images"] = np.stack([np.asarray(pixels(cifar[NAMES[c]][k], 48)) for k, c in rows])
            g["labels"] = np.array([c for k, c in rows], dtype="int64")
        f.attrs["classes"] = NAMES

    # traffic: one flat folder with a csv, classes of very different size
    counts = {"automobile": 520, "truck": 260, "ship": 130, "airplane": 70}
    rows = []
    for n, count in counts.items():
        for k in range(count):
            name = f"IMG_{rng.randrange(16 ** 6):06x}_{len(rows):04d}.jpg"
            save(cifar[n][k], root / "traffic" / "frames" / name, 64)
            rows.append((name, n))
    rng.shuffle(rows)
    with open(root / "traffic" / "annotations.csv", "w", newline="") as f:
        csv.writer(f).writerows([("file", "category")] + rows)

    # garage: class folders without splits
    for n in ("airplane", "automobile", "ship", "truck", "horse"):
        for k in range(300):
            save(cifar[n][300 + k], root / "garage" / "transport" / n / f"{k:04d}.jpg", 80)

    # pond: class folders with splits, other picture size
    for split, low, high in (("training", 0, 220), ("validation", 220, 270), ("testing", 270, 310)):
        for n in ("bird", "cat", "dog", "frog", "deer"):
            for k in range(low, high):
                save(cifar[n][k], root / "pond" / "dataset" / split / n / f"{n}.{k}.png", 64)

    # census: flat folder, csv with a fold column
    rows = []
    for n in ("cat", "dog", "horse", "deer", "frog", "bird"):
        for k in range(260):
            name = f"{len(rows):05d}.jpg"
            save(cifar[n][k + 300], root / "census" / "jpg" / name, 48)
            rows.append((name, n, "valid" if k % 5 == 0 else "train"))
    with open(root / "census" / "index.csv", "w", newline="") as f:
        csv.writer(f).writerows([("filename", "species", "fold")] + rows)

    # tensors: pickles with class numbers from one
    (root / "tensors").mkdir(parents=True, exist_ok=True)
    for split, low, high in (("train", 0, 260), ("valid", 260, 320)):
        order = [(k, c) for c in range(10) for k in range(low, high)]
        rng.shuffle(order)
        with open(root / "tensors" / f"{split}.pkl", "wb") as f:
            pickle.dump({"data": np.stack([np.asarray(pixels(cifar[NAMES[c]][k])) for k, c in order]).transpose(0, 3, 1, 2),
                         "target": [c + 1 for k, c in order]}, f)
    (root / "tensors" / "classes.txt").write_text("".join(f"{c + 1} {n}\n" for c, n in enumerate(NAMES)))

    # twohead: npz with class and group
    (root / "twohead").mkdir(parents=True, exist_ok=True)
    group = np.array([0, 0, 1, 1, 1, 1, 1, 1, 0, 0])
    parts = {}
    for split, low, high in (("train", 0, 240), ("val", 240, 300)):
        order = [(k, c) for c in range(10) for k in range(low, high)]
        parts[f"{split}_images"] = np.stack([np.asarray(pixels(cifar[NAMES[c]][k])) for k, c in order])
        parts[f"{split}_class"] = np.array([c for k, c in order])
        parts[f"{split}_group"] = group[parts[f"{split}_class"]]
    np.savez_compressed(root / "twohead" / "photos32.npz", names=np.array(NAMES), **parts)

    if keras_job.wait():
        sys.exit("the Keras weights were not made")
    train_torch(root, cifar)
    source.unlink()


if __name__ == "__main__":
    main()
