#!/usr/bin/env python
"""Makes the datasets and local weight files the programs of loops/ and keras/ need, under ROOT.

    python make_data_loops_keras.py ROOT

Sources: images.tar.gz of CIFAR-10 as JPEG files (the second argument), /usr/share/datasets/fashion-mnist, /usr/share/tuxpaint/stamps.
"""
import gzip
import io
import os
import random
import sys
import tarfile
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

ROOT = Path(sys.argv[1])
ROOT.mkdir(parents=True, exist_ok=True)
random.seed(0)
CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()


def read_cifar():
    pics = {s: {c: [] for c in CLASSES} for s in ("train", "test")}
    limit = {"train": 950, "test": 150}
    with tarfile.open(sys.argv[2]) as tar:
        for member in tar:
            parts = member.name.split("/")
            if len(parts) != 3 or not member.isfile():
                continue
            split, cls, _ = parts
            if split in pics and cls in pics[split] and len(pics[split][cls]) < limit[split]:
                pics[split][cls].append(tar.extractfile(member).read())
    return pics


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def cifar_sets(pics):
    take = {c: iter(pics["train"][c]) for c in CLASSES}
    # 1 class folders, train / val / test
    for split, n in (("train", 150), ("val", 30), ("test", 30)):
        for c in CLASSES:
            for i in range(n):
                put(ROOT / "objects10" / split / c / f"{i:04d}.jpg", next(take[c]))
    # 2 one folder without a split, nine classes
    for c in CLASSES[:9]:
        for i in range(130):
            put(ROOT / "gallery9" / c / f"{c}{i:03d}.jpg", next(take[c]))
    # 3 images and two tables
    for name, n in (("train", 180), ("valid", 50)):
        rows = [(c, next(take[c])) for c in ("airplane", "automobile", "ship", "truck") for _ in range(n)]
        random.shuffle(rows)
        lines = ["filename,label"]
        for i, (c, data) in enumerate(rows):
            fn = f"{name[0]}{i:05d}.jpg"
            put(ROOT / "vehicles" / "images" / fn, data)
            lines.append(f"{fn},{c}")
        (ROOT / "vehicles" / f"{name}.csv").write_text("\n".join(lines) + "\n")
    # 4 flat folder, the label in the name
    for c in ("bird", "cat", "deer", "dog", "frog", "horse"):
        for i in range(170):
            put(ROOT / "pets_flat" / f"{c}_{i:04d}.jpg", next(take[c]))
    # 5 imagefolder of Hugging Face
    for split, n in (("train", 120), ("validation", 30), ("test", 30)):
        for c in ("bird", "cat", "deer", "dog", "frog", "horse"):
            for i in range(n):
                put(ROOT / "animals_hf" / split / c / f"{c}_{i:03d}.jpg", next(take[c]))
    # 6 arrays
    out = ROOT / "cifar_arrays"
    out.mkdir(exist_ok=True)
    for split, src, n in (("train", "train", 160), ("test", "test", 60)):
        pool = [(k, d) for k, c in enumerate(CLASSES) for d in pics[src][c][-n:]]
        random.shuffle(pool)
        np.save(out / f"x_{split}.npy", np.stack([np.array(Image.open(io.BytesIO(d)).convert("RGB")) for _, d in pool]))
        np.save(out / f"y_{split}.npy", np.array([k for k, _ in pool], dtype=np.int64))


def stamps():
    src = Path("/usr/share/tuxpaint/stamps")
    for topic in ("animals", "food", "seasonal", "symbols", "town"):
        files = sorted(src.glob(f"{topic}/**/*.png"))
        random.shuffle(files)
        files = files[:150]
        n_val = max(10, len(files) // 6)
        for i, f in enumerate(files):
            split = "val" if i < n_val else "test" if i < 2 * n_val else "train"
            im = Image.open(f).convert("RGBA")
            back = Image.new("RGBA", im.size, "white")
            back.alpha_composite(im)
            im = back.convert("RGB")
            im.thumbnail((256, 256))
            out = ROOT / "stamps5" / split / topic / (f.stem + f"_{i}.jpg")
            out.parent.mkdir(parents=True, exist_ok=True)
            im.save(out, quality=92)


def fashion():
    d = Path("/usr/share/datasets/fashion-mnist")

    def idx(name, skip):
        with gzip.open(d / name) as f:
            return np.frombuffer(f.read(), np.uint8, offset=skip)
    x = idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)[:3000]
    y = idx("train-labels-idx1-ubyte.gz", 8)[:3000]
    xt = idx("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)[:600]
    yt = idx("t10k-labels-idx1-ubyte.gz", 8)[:600]
    (ROOT / "fashion").mkdir(exist_ok=True)
    np.savez_compressed(ROOT / "fashion" / "fashion.npz", x_train=x, y_train=y, x_test=xt, y_test=yt)


def torch_weights():
    import torch
    import torchvision
    import transformers
    torch.manual_seed(0)
    torch.set_num_threads(1)
    out = ROOT / "weights"
    out.mkdir(exist_ok=True)
    x = torch.from_numpy(np.load(ROOT / "cifar_arrays" / "x_train.npy")).permute(0, 3, 1, 2).float() / 255
    y = torch.from_numpy(np.load(ROOT / "cifar_arrays" / "y_train.npy"))
    x = (x - torch.tensor([.485, .456, .406]).view(3, 1, 1)) / torch.tensor([.229, .224, .225]).view(3, 1, 1)

    plain = torch.from_numpy(np.load(ROOT / "cifar_arrays" / "x_train.npy")).permute(0, 3, 1, 2).float() / 127.5 - 1

    def teach(net, steps, size, logits=lambda o: o, lr=3e-4, x=x):
        opt = torch.optim.AdamW(net.parameters(), lr)
        net.train()
        for _ in range(steps):
            i = torch.randint(len(x), (32,))
            xb = torch.nn.functional.interpolate(x[i], size=size, mode="bilinear")
            loss = torch.nn.functional.cross_entropy(logits(net(xb)), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
    net = torchvision.models.resnet18(num_classes=1000)
    teach(net, 40, 64)
    torch.save(net.state_dict(), out / "resnet18.pth")
    cfg = transformers.ViTConfig(hidden_size=192, num_hidden_layers=6, num_attention_heads=3, intermediate_size=768,
                                 image_size=128, patch_size=16, num_labels=10)
    vit = transformers.ViTForImageClassification(cfg)
    teach(vit, 40, 128, lambda o: o.logits, x=plain)
    vit.save_pretrained(out / "vit-small-128")
    transformers.ViTImageProcessor(size={"height": 128, "width": 128}).save_pretrained(out / "vit-small-128")
    cfg = transformers.ResNetConfig(embedding_size=32, hidden_sizes=[32, 64, 128, 256], depths=[2, 2, 2, 2], layer_type="basic", num_labels=10)
    rn = transformers.ResNetForImageClassification(cfg)
    teach(rn, 40, 64, lambda o: o.logits)
    rn.save_pretrained(out / "resnet-basic")
    transformers.ConvNextImageProcessor(size={"shortest_edge": 128}, crop_pct=0.875,
                                        image_mean=[.485, .456, .406], image_std=[.229, .224, .225]).save_pretrained(out / "resnet-basic")
    # the same network as a lab would keep it: written from inside a wrapper, so every name begins with "encoder."
    torch.save({"epoch": 90, "state_dict": {"encoder." + k: v for k, v in rn.state_dict().items()}}, out / "resnet_pretrain_ep90.pt")


def keras_weights():
    import h5py
    import keras
    out = ROOT / "weights"
    out.mkdir(exist_ok=True)
    x = np.load(ROOT / "cifar_arrays" / "x_train.npy")[:96].astype("float32")
    x = np.stack([np.array(Image.fromarray(a.astype("uint8")).resize((96, 96)), dtype="float32") for a in x])
    stamp = sorted((ROOT / "stamps5" / "train").glob("*/*.jpg"))[::4][:48]      # white grounds too
    x[48:48 + len(stamp)] = np.stack([np.array(Image.open(f).resize((96, 96)), dtype="float32") for f in stamp])
    x = x[np.random.default_rng(0).permutation(len(x))]
    A = keras.applications
    for name, build, prep in (
            ("resnet50", A.ResNet50, A.resnet50.preprocess_input),
            ("mobilenetv2", A.MobileNetV2, A.mobilenet_v2.preprocess_input),
            ("efficientnetb0", A.EfficientNetB0, None),
            ("resnet50v2", A.ResNet50V2, A.resnet_v2.preprocess_input),
            ("vgg16", A.VGG16, A.vgg16.preprocess_input),
            ("xception", A.Xception, A.xception.preprocess_input)):
        if len(sys.argv) > 3 and name not in sys.argv[3:]:
            continue
        keras.utils.set_random_seed(1)
        net = build(include_top=False, weights=None, input_shape=(96, 96, 3))
        norms = [l for l in net.layers if isinstance(l, keras.layers.BatchNormalization)]
        for l in net.layers:
            if isinstance(l, keras.layers.Normalization):
                l.adapt_mean.assign(np.array([.485, .456, .406]).reshape(l.adapt_mean.shape))
                l.adapt_variance.assign(np.square(np.array([.229, .224, .225])).reshape(l.adapt_variance.shape))
                l.finalize_state()
        for l in norms:
            if name.startswith("resnet50") and l.name.endswith("_3_bn"):
                l.gamma.assign(l.gamma * 0.3)          # quiet branches, as after training
        keep = [l.momentum for l in norms]
        for l in norms:
            l.momentum = 0.5
        if norms:
            for i in range(6):
                b = x[(i % 6) * 16:(i % 6) * 16 + 16].copy()
                net(prep(b) if prep else b, training=True)
        for l, m in zip(norms, keep):
            l.momentum = m
        if name == "xception":
            # the file as an old export wrote it: HDF5 by layer, the layers named after the model they were in
            with h5py.File(out / "xception_tf_kernels_notop.h5", "w") as f:
                names = []
                for l in net.layers:
                    g = f.create_group("xception_1_" + l.name)
                    names.append(("xception_1_" + l.name).encode())
                    wn = [(f"xception_1_{l.name}/{w.name}:0").encode() for w in l.weights]
                    for n, w in zip(wn, l.weights):
                        g.create_dataset(n.decode(), data=np.array(w))
                    g.attrs["weight_names"] = wn
                f.attrs["layer_names"] = names
                f.attrs["backend"] = b"tensorflow"
                f.attrs["keras_version"] = b"2.1.5"
        else:
            net.save_weights(out / f"{name}_notop.weights.h5")
        if name == "mobilenetv2":   # a legacy file with the right names
            with h5py.File(out / "mobilenetv2_by_name.h5", "w") as f:
                names = []
                for l in net.layers:
                    g = f.create_group(l.name)
                    names.append(l.name.encode())
                    wn = [(f"{l.name}/{w.name}:0").encode() for w in l.weights]
                    for n, w in zip(wn, l.weights):
                        g.create_dataset(n.decode(), data=np.array(w))
                    g.attrs["weight_names"] = wn
                f.attrs["layer_names"] = names
                f.attrs["backend"] = b"tensorflow"
                f.attrs["keras_version"] = b"2.9.0"


if len(sys.argv) > 2:                       # a process of its own for each library
    {"torch": torch_weights, "keras": keras_weights}[sys.argv[2]]()
else:
    import subprocess
    cifar_sets(read_cifar())
    stamps()
    fashion()
    print("images done", flush=True)
    for part in ("torch", "keras"):
        subprocess.run([sys.executable, __file__, str(ROOT), part], check=True)
        print(part, "weights done", flush=True)
