"""python make_data.py ROOT : lays out small real image sets under ROOT (cifar10, fashion-mnist, tuxpaint stamps)."""
import csv, gzip, io, os, pickle, random, struct, sys, tarfile
import numpy as np
from PIL import Image

ROOT = sys.argv[1]
CIFAR = "/work/shared/data/cifar10/images.tar.gz"
FASHION = "/usr/share/datasets/fashion-mnist"
STAMPS = "/usr/share/tuxpaint/stamps"
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
PER = 460          # cifar pictures a class, 32 px


def out(*p):
    path = os.path.join(ROOT, *p)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def read_cifar():
    sets = {}
    with tarfile.open(CIFAR, "r:gz") as tar:
        for m in tar:
            p = m.name.split("/")
            if len(p) == 3 and p[0] == "train" and m.isfile():
                got = sets.setdefault(p[1], [])
                if len(got) < PER:
                    got.append(np.array(Image.open(io.BytesIO(tar.extractfile(m).read())).convert("RGB")))
                elif len(sets) == 10 and all(len(v) >= PER for v in sets.values()):
                    break
    return sets


def big(a, px):
    return Image.fromarray(a).resize((px, px), Image.BICUBIC)


def fashion(kind):
    with gzip.open(f"{FASHION}/{kind}-images-idx3-ubyte.gz") as f:
        f.read(16)
        x = np.frombuffer(f.read(784 * 3000), np.uint8).reshape(-1, 28, 28)
    with gzip.open(f"{FASHION}/{kind}-labels-idx1-ubyte.gz") as f:
        f.read(8)
        y = np.frombuffer(f.read(3000), np.uint8)
    return x, y


def main():
    rng = random.Random(7)
    c = read_cifar()
    # 1 class folders with splits, 64 px, six classes
    for name in ["airplane", "automobile", "bird", "cat", "horse", "ship"]:
        for i in range(190):
            split = "train" if i < 150 else "val"
            big(c[name][i], 64).save(out("vehicles_animals", split, name, f"{i:04d}.jpg"), quality=92)
    # 2 one flat folder with csv files per split, 48 px, ten classes, rows shuffled
    rows = [(n, i) for n in NAMES for i in range(130)]
    rng.shuffle(rows)
    for split, part in (("train", rows[:1040]), ("valid", rows[1040:])):
        with open(out("flat", f"{split}.csv"), "w", newline="") as f:
            w = csv.writer(f)
            w.writerow(["image_id", "category"])
            for k, (n, i) in enumerate(part):
                stem = f"{split[0]}{rng.randrange(10**6):06d}{k:04d}"
                big(c[n][i], 48).save(out("flat", "images", stem + ".png"))
                w.writerow([stem, n])
    # 3 pictures with running numbers, labels in one csv in the order of the numbers
    rows = [(n, i) for n in NAMES[2:8] for i in range(150, 330)]
    rng.shuffle(rows)
    with open(out("animals", "labels.csv"), "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["id", "label"])
        for k, (n, i) in enumerate(rows, 1):
            big(c[n][i], 64).save(out("animals", "pics", f"{k}.jpg"), quality=92)
            w.writerow([k, NAMES[2:8].index(n)])
    # 4 name-coded files, 64 px
    for n in ["cat", "dog", "frog", "deer", "truck"]:
        for i in range(200):
            big(c[n][i], 64).save(out("named", f"{n}.{i:04d}.jpg"), quality=92)
    # 5 npz of fashion; 6 idx of fashion
    x, y = fashion("train")
    tx, ty = fashion("t10k")
    np.savez_compressed(out("fashion.npz"), x_train=x[:2400], y_train=y[:2400], x_val=tx[:500], y_val=ty[:500])
    for stem, a, b in (("train", x[:2400], y[:2400]), ("t10k", tx[:600], ty[:600])):
        with open(out("idx", f"{stem}-images.idx3-ubyte"), "wb") as f:
            f.write(struct.pack(">IIII", 2051, len(a), 28, 28) + a.tobytes())
        with open(out("idx", f"{stem}-labels.idx1-ubyte"), "wb") as f:
            f.write(struct.pack(">II", 2049, len(b)) + b.tobytes())
    # 7 pickled batches, rows of 3072 as planes, 32 px
    rows = [(n, i) for n in NAMES for i in range(240)]
    rng.shuffle(rows)
    for b in range(6):
        part = rows[b * 400:(b + 1) * 400]
        d = {"data": np.stack([c[n][i].transpose(2, 0, 1).reshape(-1) for n, i in part]),
             "labels": [NAMES.index(n) for n, _ in part]}
        with open(out("batches", f"data_batch_{b + 1}" if b < 5 else "test_batch"), "wb") as f:
            pickle.dump(d, f)
    # 8 hdf5, channels last, 48 px
    import h5py
    rows = [(n, i) for n in NAMES for i in range(240, 390)]
    rng.shuffle(rows)
    px = np.stack([np.array(big(c[n][i], 48)) for n, i in rows])
    lab = np.array([NAMES.index(n) for n, _ in rows], np.int64)
    with h5py.File(out("objects.h5"), "w") as f:
        for g, s in (("train", slice(0, 1200)), ("valid", slice(1200, None))):
            f.create_dataset(f"{g}/images", data=px[s])
            f.create_dataset(f"{g}/labels", data=lab[s])
    # 9 stamps with alpha in class folders, 96 px
    groups = {"animal": ["animals/mammals", "animals/birds", "animals/insects", "animals/fish"],
              "edible": ["food/fruit", "food/vegetables", "food/nuts"],
              "letter": ["symbols/alphabets"], "plant": ["plants/flowers", "plants/trees"],
              "town": ["town/houses", "town/monuments", "town/roadsigns"]}
    for g, dirs in groups.items():
        files = sorted(os.path.join(d, f) for s in dirs for d, _, fs in os.walk(os.path.join(STAMPS, s))
                       for f in fs if f.endswith(".png"))
        for k, p in enumerate(files[:110]):
            im = Image.open(p).convert("RGBA").resize((96, 96), Image.BILINEAR)
            im.save(out("stamps", g, f"{k:03d}.png"))
    # 10 list files "path label" with 64 px pictures
    with open(out("listed", "train.txt"), "w") as a, open(out("listed", "val.txt"), "w") as b:
        for k, n in enumerate(["bird", "deer", "frog", "ship"]):
            for i in range(200, 400):
                p = f"pool/{rng.randrange(16):x}/{n[0]}{i}.jpg"
                big(c[n][i], 64).save(out("listed", p), quality=92)
                (a if i < 360 else b).write(f"{p} {k}\n")
    weights(c)


def weights(c):
    import time, torch, torchvision
    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = torchvision.models.resnet18(num_classes=10)
    x = torch.from_numpy(np.stack([c[n][i] for i in range(400, PER) for n in NAMES])).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor([.485, .456, .406]).view(3, 1, 1)) / torch.tensor([.229, .224, .225]).view(3, 1, 1)
    y = torch.arange(10).repeat(PER - 400)
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    t = time.time()
    step = 0
    while time.time() - t < 12 or step < 25:
        i = torch.randint(len(x), (48,))
        loss = torch.nn.functional.cross_entropy(net(torch.nn.functional.interpolate(x[i], size=48)), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        if step > 400:
            break
    for m in net.modules():                     # batch norm statistics over all the pictures
        if isinstance(m, torch.nn.BatchNorm2d):
            m.reset_running_stats()
            m.momentum = None
    net.train()
    with torch.no_grad():
        for part in torch.randperm(len(x)).split(100):
            net(torch.nn.functional.interpolate(x[part], size=64))
    net.eval()
    sd = net.state_dict()
    torch.save(sd, out("weights", "resnet18.pth"))
    torch.save({"epoch": 12, "arch": "resnet18", "state_dict": {"module." + k: v for k, v in sd.items()}},
               out("weights", "resnet18_ckpt.pth.tar"))


if __name__ == "__main__":
    main()
