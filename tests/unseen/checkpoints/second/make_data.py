"""Lays out the data sets under ROOT/data: python make_data.py [names]"""
import csv, glob, gzip, io, os, random, sys, tarfile
import numpy as np
from PIL import Image, ImageFilter, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "ROOT", "data")
ST = "/usr/share/tuxpaint/stamps/"
CIFAR = "/work/shared/data/cifar10/images.tar.gz"
rng = random.Random(20)

def wanted(name):
    return len(sys.argv) < 2 or name in sys.argv[1:]

def cifar(n_train, n_val):
    want = {"train": n_train, "test": n_val}
    got = {}
    with tarfile.open(CIFAR) as t:
        for m in t:
            p = m.name.split("/")
            if len(p) != 3 or not m.isfile():
                continue
            k = (p[0], p[1])
            if len(got.setdefault(k, [])) < want[p[0]]:
                got[k].append(Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB"))
    return got

def save(im, *parts):
    path = os.path.join(DATA, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    im.save(path, **({"quality": 92} if path.endswith("jpg") else {}))

def background(w, h):
    im = rng.choice(BACK).resize((w, h), Image.BICUBIC).filter(ImageFilter.GaussianBlur(rng.uniform(2, 6)))
    a = np.asarray(im, np.float32)
    a = 128 + (a - 128) * rng.uniform(.4, .9) + rng.uniform(-20, 40)
    return Image.fromarray(a.clip(0, 255).astype(np.uint8))

def stamp(path, w, h, wide=False, flip=True):
    s = Image.open(path).convert("RGBA")
    s = s.crop(s.getbbox())
    if flip and rng.random() < .5:
        s = ImageOps.mirror(s)
    s = s.rotate(rng.uniform(-25, 25), expand=True, resample=Image.BICUBIC)
    side = h * rng.uniform(.55, .95)
    k = side / max(s.size)
    s = s.resize((max(4, int(s.width * k)), max(4, int(s.height * k))), Image.LANCZOS)
    bg = background(w, h)
    x = rng.randint(0, max(0, w - s.width)) if wide else (w - s.width) // 2 + rng.randint(-w // 12, w // 12)
    y = rng.randint(0, max(0, h - s.height))
    bg.paste(s, (x, y), s)
    a = np.asarray(bg, np.float32) * rng.uniform(.75, 1.15)
    a += np.random.RandomState(rng.randrange(1 << 30)).randn(*a.shape) * 6
    return Image.fromarray(a.clip(0, 255).astype(np.uint8))

def stamps(name, classes, size, n_train, n_val, ext, **kw):
    if not wanted(name):
        return
    rng.seed(name)
    for split, n in (("train", n_train), ("val", n_val)):
        for c, files in classes.items():
            for i in range(n):
                f = files[i % len(files)]
                save(stamp(ST + f, *size, **kw), name, split, c, f"{c.lower()}_{i:04d}.{ext}")

C = cifar(900, 60)
BACK = [im for (s, c), v in C.items() if s == "train" for im in v[:60]]

# wild: 6 of the CIFAR classes, 64 x 64 jpg, class folders
for c in ("airplane", "deer", "frog", "horse", "ship", "truck") if wanted("wild") else ():
    for s, d in (("train", "train"), ("test", "val")):
        for i, im in enumerate(C[s, c]):
            save(im.resize((64, 64), Image.BICUBIC), "wild", d, c, f"{i:04d}.jpg")
# objects: the 10 CIFAR classes, 32 x 32 png, class folders
for (s, c), v in C.items() if wanted("objects") else ():
    for i, im in enumerate(v if s == "train" else v[:40]):
        save(im, "objects", "train" if s == "train" else "val", c, f"img_{i:04d}.png")
# photos: 8 CIFAR classes, all files of a split in one folder, names begin with the class
for (s, c), v in C.items() if wanted("photos") else ():
    if c in ("cat", "dog"):
        continue
    for i, im in enumerate(v if s == "train" else v[:40]):
        save(im.resize((40, 40), Image.BICUBIC), "photos", "train" if s == "train" else "val", f"{c}_{i:04d}.png")
# fruit: 10 kinds, 128 x 80 jpg, class folders
F = "food/fruit/"; V = "food/vegetables/"
stamps("fruit", {
    "apple": [F + "apple_red.png", F + "apple_fuji.png"], "banana": [F + "banana.png"], "carrot": [V + "carrot.png"],
    "corn": [V + "corn.png"], "lime": [F + "sliced_lime.png"], "mango": [F + "mango.png"], "orange": [F + "orange.png", F + "mandarine.png"],
    "pear": [F + "pear.png"], "strawberry": [F + "strawberry.png"], "tomato": [V + "tomato.png"]}, (128, 80), 300, 30, "jpg", wide=True)
# stickers: 8 groups with folder names of mixed case, 96 x 96 png
G = lambda d, n=14: [os.path.relpath(f, ST) for f in sorted(glob.glob(ST + d + "/**/*.png", recursive=True))
                     if "_mirror" not in f][:n]
stamps("stickers", {"Birds": G("animals/birds"), "bugs": G("animals/insects"), "Flowers": G("plants/flowers"), "fish": G("animals/fish"),
                    "Houses": G("town/houses"), "mammals": G("animals/mammals"), "Money": G("symbols/money"), "veg": G("food/vegetables")},
       (96, 96), 350, 40, "png")
# signs: 12 classes in numbered folders, 64 x 64 png
R = "town/roadsigns/"
names = ["arrow", "crossroads", "dead_end_sign", "give_way_sign", "hospital", "no_entry_sign", "railroad_crossing",
         "roundabout", "school_sign", "stop", "stoplight_01_red", "xing_ped"]
stamps("signs", {str(i): [R + n + ".png"] for i, n in enumerate(names)}, (64, 64), 250, 25, "png", flip=False)
# garments: a table of file names and labels, grey 32 x 32 png
L = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
for split, p, n in (("train", "train", 6000), ("val", "t10k", 400)) if wanted("garments") else ():
    B = "/usr/share/datasets/fashion-mnist/" + p
    x = np.frombuffer(gzip.open(B + "-images-idx3-ubyte.gz").read(), np.uint8, offset=16).reshape(-1, 28, 28)[:n]
    y = np.frombuffer(gzip.open(B + "-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)[:n]
    rows = []
    for i in range(n):
        f = f"{split}/{i:05d}.png"
        save(ImageOps.expand(Image.fromarray(x[i]), 2), "garments", f)
        rows.append((f, L[y[i]]))
    with open(os.path.join(DATA, "garments", split + ".csv"), "w", newline="") as h:
        w = csv.writer(h); w.writerow(["filename", "label"]); w.writerows(rows)
