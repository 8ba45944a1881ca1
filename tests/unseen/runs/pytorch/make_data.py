"""make_data.py ROOT CIFAR: builds, from images on this machine, every dataset and weight file that the programs need."""
import csv, gzip, io, os, pickle, random, struct, sys, tarfile
import numpy as np
from PIL import Image

ROOT = os.path.abspath(sys.argv[1])
CIFAR = sys.argv[2]  # images.tar.gz of CIFAR-10 as JPEG files, train/class/*.jpg
FASHION = "/usr/share/datasets/fashion-mnist"
STAMPS = "/usr/share/tuxpaint/stamps"
NAMES = "airplane automobile bird cat deer dog frog horse ship truck".split()
rng = random.Random(2024)


def P(*a):
    p = os.path.join(ROOT, *a)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    return p


def read_cifar(per_train=600, per_test=120):
    out = {"train": {n: [] for n in NAMES}, "test": {n: [] for n in NAMES}}
    with tarfile.open(CIFAR, "r:gz") as tar:
        for m in tar:
            if not m.isfile() or not m.name.endswith(".jpg"):
                continue
            part, cls, _ = m.name.split("/")
            if len(out[part][cls]) < (per_train if part == "train" else per_test):
                out[part][cls].append(Image.open(io.BytesIO(tar.extractfile(m).read())).convert("RGB"))
    return out


def enlarge(img, lo=110, hi=180):
    h = rng.randint(lo, hi)
    w = int(h * rng.choice([1.0, 1.25, 1.33, 0.8]))
    return img.resize((w, h), Image.BICUBIC)


def stamps(topic):
    files = []
    for d, _, fs in os.walk(os.path.join(STAMPS, topic)):
        files += [os.path.join(d, f) for f in fs if f.endswith(".png") and "mirror" not in f]
    out = []
    for f in sorted(files):
        try:
            im = Image.open(f); im.load()
        except Exception:
            continue
        im = im.convert("RGBA")
        im.thumbnail((220, 220))
        out.append(im)
    return out


def white(im):
    bg = Image.new("RGB", im.size, (255, 255, 255))
    bg.paste(im, mask=im.split()[3])
    return bg


def main():
    c = read_cifar()
    tr = {n: list(v) for n, v in c["train"].items()}
    te = {n: list(v) for n, v in c["test"].items()}
    # 1. class folders
    for n in NAMES:
        for part, src in (("train", tr[n][:120]), ("val", tr[n][560:585]), ("test", te[n][:25])):
            for i, im in enumerate(src):
                enlarge(im).save(P("photos", part, n, f"{n}_{i:04d}.jpg"), quality=90)
    # 2. stamps, unequal classes, PNG with alpha
    for t in ("animals", "food", "plants", "seasonal", "symbols", "town", "vehicles"):
        ims = stamps(t)
        random.Random(5).shuffle(ims)
        k = max(6, len(ims) // 5)
        for i, im in enumerate(ims):
            im.save(P("stamps", "val" if i < k else "train", t, f"{i:03d}.png"))
    # 3. dishes: three classes, RGB
    for new, t in (("food", "food"), ("plant", "plants"), ("season", "seasonal")):
        ims = stamps(t)
        random.Random(6).shuffle(ims)
        for i, im in enumerate(ims):
            white(im).save(P("dishes", "val" if i % 5 == 0 else "train", new, f"{new}{i}.jpg"), quality=92)
    # 4. flat, label in the name
    for n in ("cat", "dog"):
        for i, im in enumerate(tr[n][:450]):
            enlarge(im).save(P("catsdogs", "train", f"{n}.{i}.jpg"), quality=90)
    # 5. folder + CSV with names
    rows = []
    pool = [(im, n) for n in ("airplane", "automobile", "ship", "truck") for im in tr[n][120:340]]
    rng.shuffle(pool)
    for i, (im, n) in enumerate(pool):
        enlarge(im).save(P("vehicles", "images", f"img_{i:05d}.jpg"), quality=90)
        rows.append((f"img_{i:05d}.jpg", n))
    for name, part in (("train.csv", rows[:704]), ("val.csv", rows[704:])):
        with open(P("vehicles", name), "w", newline="") as f:
            w = csv.writer(f); w.writerow(["file", "label"]); w.writerows(part)
    # 6. portraits: one folder, a table in file order
    pool = [(im, 1) for n in ("cat", "dog", "horse") for im in tr[n][300:500]] + \
           [(im, -1) for n in ("ship", "truck", "airplane") for im in tr[n][340:540]]
    rng.shuffle(pool)
    with open(P("portraits", "attributes.csv"), "w", newline="") as f:
        w = csv.writer(f); w.writerow(["image_id", "Indoor", "Animal", "Bright"])
        for i, (im, y) in enumerate(pool, 1):
            enlarge(im, 200, 240).save(P("portraits", "img_align", f"{i:06d}.jpg"), quality=90)
            w.writerow([f"{i:06d}.jpg", rng.choice([-1, 1]), y, rng.choice([-1, 1])])
    # 7. scans: tables with paths and numbers
    pool = [(im, k) for k, n in enumerate(("bird", "deer", "frog")) for im in tr[n][:300]]
    rng.shuffle(pool)
    recs = []
    for i, (im, k) in enumerate(pool):
        enlarge(im).save(P("scans", f"scan{i:04d}.png"))
        recs.append((f"scans/scan{i:04d}.png", k))
    for name, part in (("scans_train.csv", recs[:720]), ("scans_val.csv", recs[720:])):
        with open(P(name), "w", newline="") as f:
            w = csv.writer(f); w.writerow(["path", "label"]); w.writerows(part)
    # 8. idx arrays
    def idx(name):
        b = gzip.open(os.path.join(FASHION, name)).read()
        nd = b[3]
        dims = struct.unpack(">" + "I" * nd, b[4:4 + 4 * nd])
        return np.frombuffer(b, np.uint8, offset=4 + 4 * nd).reshape(dims)
    fx, fy = idx("train-images-idx3-ubyte.gz")[:6000], idx("train-labels-idx1-ubyte.gz")[:6000]
    gx, gy = idx("t10k-images-idx3-ubyte.gz")[:1000], idx("t10k-labels-idx1-ubyte.gz")[:1000]
    for name, a in (("train-images-idx3-ubyte", fx), ("train-labels-idx1-ubyte", fy),
                    ("t10k-images-idx3-ubyte", gx), ("t10k-labels-idx1-ubyte", gy)):
        with open(P("fashion", "FashionMNIST", "raw", name), "wb") as f:
            f.write(bytes([0, 0, 8, a.ndim]) + struct.pack(">" + "I" * a.ndim, *a.shape) + a.tobytes())
    np.savez(P("fashion.npz"), x_train=fx, y_train=fy, x_test=gx, y_test=gy)
    # 9. gestures: grey PNG, label in the name
    kinds = "fist palm wave swipe circle push pull".split()
    for part, X, Y, k in (("train_amp", fx, fy, 130), ("test_amp", gx, gy, 40)):
        todo = []
        for c_, name in enumerate(kinds):
            for j, i in enumerate(np.where(Y == c_)[0][:k]):
                todo.append((f"{name}_{j:04d}.png", X[i]))
        rng.shuffle(todo)
        for name, a in todo:
            Image.fromarray(a).resize((112, 112), Image.BILINEAR).save(P("gestures", part, name))
    # 10. CIFAR pickles and arrays
    allx = [(np.asarray(im), k) for k, n in enumerate(NAMES) for im in tr[n][:500]]
    rng.shuffle(allx)
    tex = [(np.asarray(im), k) for k, n in enumerate(NAMES) for im in te[n][:100]]
    rng.shuffle(tex)
    def flat(p): return np.stack([a.transpose(2, 0, 1).reshape(-1) for a, _ in p])
    for b in range(5):
        p = allx[b * 1000:(b + 1) * 1000]
        pickle.dump({b"batch_label": b"", b"data": flat(p), b"labels": [y for _, y in p]},
                    open(P("cifar-10-batches-py", f"data_batch_{b + 1}"), "wb"))
    pickle.dump({b"data": flat(tex), b"labels": [y for _, y in tex]}, open(P("cifar-10-batches-py", "test_batch"), "wb"))
    pickle.dump({b"label_names": [n.encode() for n in NAMES]}, open(P("cifar-10-batches-py", "batches.meta"), "wb"))
    X = np.stack([a for a, _ in allx]); Y = np.array([y for _, y in allx])
    np.savez(P("objects.npz"), x_train=X[:4000], y_train=Y[:4000], x_val=X[4000:], y_val=Y[4000:])
    # 11. shards
    for s in range(8):
        np.savez(P("shards", f"train-{s:03d}.npz"), images=X[s * 500:(s + 1) * 500], labels=Y[s * 500:(s + 1) * 500])
    for s in range(2):
        np.savez(P("shards", f"val-{s:03d}.npz"), images=X[4000 + s * 500:4500 + s * 500], labels=Y[4000 + s * 500:4500 + s * 500])
    # 12. faces with a checkpoint to go on from
    for n in NAMES:
        for part, src in (("train", tr[n][120:200]), ("val", te[n][40:60])):
            for i, im in enumerate(src):
                enlarge(im).save(P("faces_run", "faces", part, f"person_{NAMES.index(n):02d}", f"{i:03d}.jpg"), quality=90)
    weights(X)


def weights(X):
    import torch, torchvision.models as M, timm
    torch.set_num_threads(1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1); std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    x = torch.from_numpy(X[:64].copy()).permute(0, 3, 1, 2).float() / 255
    x = (torch.nn.functional.interpolate(x, size=96) - mean) / std

    def settle(net):     # gives the running statistics values that fit real pictures
        net.train()
        for m in net.modules():
            if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
                m.momentum = None
        with torch.no_grad():
            for i in range(0, 64, 16):
                net(x[i:i + 16])
        return net.eval()

    for name in ("resnet18", "resnet34", "resnet50", "mobilenet_v2", "efficientnet_b0", "densenet121"):
        torch.manual_seed(100 + len(name))
        sd = settle(getattr(M, name)(weights=None)).state_dict()
        torch.save(sd, P("weights", name + ".pth"))
        if name == "resnet18":
            torch.save({"epoch": 199, "arch": "resnet18", "state_dict": {"module." + k: v for k, v in sd.items() if not k.startswith("fc.")}},
                       P("weights", "r18_ssl_ep200.pth"))
    torch.manual_seed(9)
    torch.save(settle(timm.create_model("resnet26d", pretrained=False)).state_dict(), P("weights", "timm_resnet26d.pth"))
    # the teacher: a little training on photos/train, enough to be better than chance
    from torchvision import datasets, transforms
    torch.manual_seed(21)
    tf = transforms.Compose([transforms.Resize(72), transforms.RandomCrop(64), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
                             transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    dl = torch.utils.data.DataLoader(datasets.ImageFolder(os.path.join(ROOT, "photos", "train"), tf), 64, shuffle=True)
    net = M.resnet34(weights=None, num_classes=10)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(4):
        for x, y in dl:
            loss = torch.nn.functional.cross_entropy(net(x), y)
            opt.zero_grad(); loss.backward(); opt.step()
    torch.save(net.eval().state_dict(), P("weights", "teacher_r34_photos.pth"))
    torch.manual_seed(3)
    net = M.resnet50(weights=None); net.fc = torch.nn.Linear(2048, 10)
    torch.save({"epoch": 30, "model": settle(net).state_dict(), "best": 0.412}, P("faces_run", "ckpt", "last.pth"))


if __name__ == "__main__":
    os.makedirs(ROOT, exist_ok=True)
    main()
    print("done", ROOT)
