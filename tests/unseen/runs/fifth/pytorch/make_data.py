"""python make_data.py ROOT: lays the pictures out under ROOT in several ways (no network, about half a minute)."""
import csv, glob, gzip, io, json, os, pickle, random, sys, tarfile, time
import h5py, lmdb, numpy as np, torch
from PIL import Image

ROOT = os.path.abspath(sys.argv[1])
os.makedirs(ROOT, exist_ok=True)
os.chdir(ROOT)
R = random.Random(5)
CL = "airplane automobile bird cat deer dog frog horse ship truck".split()


def cifar():
    want = {}
    with tarfile.open("/work/shared/data/cifar10/images.tar.gz", "r|gz") as t:
        for m in t:
            p = m.name.split("/")
            if m.isfile() and len(p) == 3 and p[0] == "train" and int(p[2][:4]) < 420:
                want.setdefault(p[1], []).append((int(p[2][:4]), Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB")))
    return {c: [im for _, im in sorted(v, key=lambda a: a[0])] for c, v in want.items()}


def up(im, s): return im.resize((s, s), Image.BICUBIC)
def mk(p): os.makedirs(os.path.dirname(p) or ".", exist_ok=True); return p


t0 = time.time()
C = cifar()
print("cifar", round(time.time() - t0, 1))
# photos/{train,val}/class, 64 px
for c in CL:
    for i in range(130):
        s = "train" if i < 100 else "val"
        up(C[c][i], 64).save(mk(f"photos/{s}/{c}/{c}_{i:04d}.jpg"), quality=92)
# gallery/class without splits, 64 px, 5 classes
for c in CL[2:7]:
    for i in range(130, 290):
        up(C[c][i], 64).save(mk(f"gallery/{c}/{i:05d}.jpg"), quality=92)
# named: class.number.jpg, 48 px
for c in ["cat", "dog", "horse", "truck"]:
    for i in range(200):
        up(C[c][i + 200], 48).save(mk(f"named/{c}.{i}.jpg"), quality=92)
# npz, channels last, uint8
def stack(lo, hi, s=32, classes=CL, sort=False):
    a = [(np.asarray(up(C[c][i], s) if s != 32 else C[c][i]), k) for k, c in enumerate(classes) for i in range(lo, hi)]
    if not sort: R.shuffle(a)
    return np.stack([x for x, _ in a]), np.array([k for _, k in a], np.int64)
x, y = stack(0, 200); xv, yv = stack(200, 250)
np.savez_compressed("cifar_small.npz", x_train=x, y_train=y, x_val=xv, y_val=yv)
# pickled batches, flat rows in channel order
os.makedirs("batches", exist_ok=True)
x, y = stack(0, 240)
for b in range(4):
    s = slice(b * 600, b * 600 + 600)
    pickle.dump({"data": x[s].transpose(0, 3, 1, 2).reshape(600, -1), "labels": y[s].tolist()}, open(f"batches/batch_{b + 1}", "wb"))
x, y = stack(240, 290)
pickle.dump({"data": x.transpose(0, 3, 1, 2).reshape(len(x), -1), "labels": y.tolist()}, open("batches/test_batch", "wb"))
pickle.dump({"label_names": CL}, open("batches/meta", "wb"))
# hdf5, channels last, 48 px
with h5py.File("pics.h5", "w") as f:
    for n, (lo, hi) in {"train": (0, 150), "val": (150, 190)}.items():
        x, y = stack(lo, hi, 48)
        f[f"{n}/images"] = x; f[f"{n}/labels"] = y.astype(np.uint8)
# fashion idx
os.makedirs("fashion", exist_ok=True)
for n, k in {"train": 3000, "t10k": 600}.items():
    for kind, off, size in (("images-idx3-ubyte", 16, 784), ("labels-idx1-ubyte", 8, 1)):
        raw = gzip.open(f"/usr/share/datasets/fashion-mnist/{n}-{kind}.gz").read()
        open(f"fashion/{n}-{kind}", "wb").write(raw[:4] + k.to_bytes(4, "big") + raw[8:off + k * size])
# two csv files with class names, pictures 64 px
for n, lo, hi in (("train", 0, 120), ("val", 120, 150)):
    rows = []
    for c in CL[:8]:
        for i in range(lo, hi):
            p = f"lists/images/{c[:2]}{i * 7919 % 100003:06d}.jpg"
            up(C[c][i + 60], 64).save(mk(p), quality=92); rows.append((os.path.basename(p), c))
    R.shuffle(rows)
    with open(f"lists/{n}.csv", "w", newline="") as f:
        w = csv.writer(f); w.writerow(["image", "category"]); w.writerows(rows)
# lmdb with raw pixels
env = lmdb.open("records_lmdb", map_size=1 << 28)
with env.begin(write=True) as t:
    for n, lo, hi in (("train", 0, 160), ("val", 160, 200)):
        x, y = stack(lo, hi, 40)
        for i in range(len(x)):
            t.put(f"{n}-{i:06d}".encode(), pickle.dumps({"pixels": x[i].tobytes(), "height": 40, "width": 40, "label": int(y[i])}))
        t.put(f"{n}-length".encode(), str(len(x)).encode())
env.close()
# tar shards written class after class
os.makedirs("shards", exist_ok=True)
for n, lo, hi, per in (("train", 0, 150, 375), ("val", 150, 180, 300)):
    items = [(c, k, i) for k, c in enumerate(CL) for i in range(lo, hi)]
    for s in range(0, len(items), per):
        with tarfile.open(f"shards/{n}-{s // per:03d}.tar", "w") as t:
            for j, (c, k, i) in enumerate(items[s:s + per]):
                b = io.BytesIO(); up(C[c][i], 48).save(b, "JPEG", quality=92)
                for e, v in (("jpg", b.getvalue()), ("cls", str(k).encode())):
                    ti = tarfile.TarInfo(f"{s + j:06d}.{e}"); ti.size = len(v); t.addfile(ti, io.BytesIO(v))
# img_0.png ... with labels.npy
x, y = stack(0, 120, 40)
os.makedirs("numbered", exist_ok=True)
for i, a in enumerate(x): Image.fromarray(a).save(f"numbered/img_{i}.png")
np.save("numbered/labels.npy", y)
# tensors
x, y = stack(100, 260, 48); xv, yv = stack(260, 300, 48)
torch.save({"train": (torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(y)),
            "val": (torch.from_numpy(xv).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(yv))}, "tensors.pt")
# json annotations
rec = []
for c in ["bird", "frog", "ship"]:
    for i in range(190):
        p = f"survey/pics/{R.getrandbits(40):010x}.jpg"
        up(C[c][i + 30], 56).save(mk(p), quality=92)
        rec.append({"file": os.path.basename(p), "class": c, "split": "train" if i < 150 else "val"})
R.shuffle(rec); json.dump({"classes": ["bird", "frog", "ship"], "items": rec}, open("survey/annotations.json", "w"))
# stamps, very unequal classes
rows = []
for c in ["animals", "food", "plants", "seasonal", "symbols", "town"]:
    for i, p in enumerate(sorted(glob.glob(f"/usr/share/tuxpaint/stamps/{c}/**/*.png", recursive=True))):
        im = Image.open(p).convert("RGBA"); im.thumbnail((88, 88))
        bg = Image.new("RGB", (96, 96), "white"); bg.paste(im, ((96 - im.width) // 2, (96 - im.height) // 2), im)
        q = f"stamps/images/{c[:3]}-{i:03d}.png"; bg.save(mk(q)); rows.append((os.path.basename(q), c))
R.shuffle(rows)
with open("stamps/index.csv", "w", newline="") as f:
    w = csv.writer(f); w.writerow(["file", "label"]); w.writerows(rows)
print("layouts", round(time.time() - t0, 1))
# a resnet18 trained for a few seconds on other pictures of the ten classes
import torchvision
torch.manual_seed(0); torch.set_num_threads(1)
x, y = stack(300, 420); x = torch.from_numpy(x).permute(0, 3, 1, 2).float() / 255
x = (x - torch.tensor([.485, .456, .406]).view(1, 3, 1, 1)) / torch.tensor([.229, .224, .225]).view(1, 3, 1, 1); y = torch.from_numpy(y)
net = torchvision.models.resnet18(num_classes=10); opt = torch.optim.AdamW(net.parameters(), 1e-3)
t1 = time.time()
for step in range(200):
    i = torch.randint(len(x), (40,)); opt.zero_grad(); loss = torch.nn.functional.cross_entropy(net(x[i]), y[i]); loss.backward(); opt.step()
    if time.time() - t1 > 20 and step >= 30: break
print("steps", step, "loss", loss.item())
# batch-norm statistics anew, over both picture sizes in use
for m in net.modules():
    if isinstance(m, torch.nn.BatchNorm2d): m.reset_running_stats(); m.momentum = None
with torch.no_grad():
    for k in range(12):
        b = x[torch.randint(len(x), (48,))]
        net(b if k % 2 else torch.nn.functional.interpolate(b, size=64, mode="bicubic"))
net.eval()
with torch.no_grad(): print("eval accuracy on its own data", (net(x[:300]).argmax(1) == y[:300]).float().mean().item())
os.makedirs("weights", exist_ok=True)
torch.save(net.state_dict(), "weights/resnet18_ten.pth")
sd = {("module.encoder." + k): v for k, v in net.state_dict().items()}
torch.save({"epoch": 12, "arch": "resnet18", "state_dict": sd}, "weights/pretrain_ckpt.pth.tar")
print("done", round(time.time() - t0, 1))
