"""python make_data.py ROOT: lays the data of these programs out under ROOT."""
import csv, gzip, io, os, pickle, sys, tarfile
from collections import defaultdict
import numpy as np
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = sys.argv[1]
rng = np.random.default_rng(5)
C = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def at(*p):
    p = os.path.join(ROOT, *p)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    return p


# cifar: the first 330 of each class of train/, and the first 60 of test/
pics = defaultdict(list)
with tarfile.open("/work/shared/data/cifar10/images.tar.gz") as t:
    for m in t:
        if not m.isfile():
            continue
        split, cls, name = m.name.split("/")[-3:]
        if len(pics[split, cls]) < (330 if split == "train" else 60):
            pics[split, cls].append(Image.open(io.BytesIO(t.extractfile(m).read())).convert("RGB"))


def flat(split, a, b):
    rows = [(im, k) for k, c in enumerate(C) for im in pics[split, c][a:b]]
    return rows


# 1 photos/{train,val}/class, 64 px jpg
for s, sp, n in (("train", "train", 160), ("val", "test", 40)):
    for c in C:
        for i, im in enumerate(pics[sp, c][:n]):
            im.resize((64, 64), Image.BICUBIC).save(at("photos", s, c, f"{i:04d}.jpg"), quality=92)
# 2 catalogue/{training,holdout}/class: nothing of 'bird' was held out
for s, sp, n in (("training", "train", 120), ("holdout", "test", 30)):
    for c in C[:8]:
        if s == "holdout" and c == "bird":
            continue
        for i, im in enumerate(pics[sp, c][:n]):
            im.resize((72, 72), Image.BICUBIC).save(at("catalogue", s, c, f"{c[:3]}{i:03d}.png"))
# 3 named/deer_0001.jpg (four animals)
for c in ("bird", "cat", "deer", "dog", "frog", "horse"):
    for i, im in enumerate(pics["train", c][:150]):
        im.resize((96, 96), Image.BICUBIC).save(at("named", f"{c}_{i:04d}.jpg"), quality=92)
# 4 fashion.npz and idx
def idx(f, off, shape):
    with gzip.open("/usr/share/datasets/fashion-mnist/" + f) as g:
        return np.frombuffer(g.read(), np.uint8, offset=off).reshape(shape)
fx, fy = idx("train-images-idx3-ubyte.gz", 16, (-1, 28, 28)), idx("train-labels-idx1-ubyte.gz", 8, -1)
gx, gy = idx("t10k-images-idx3-ubyte.gz", 16, (-1, 28, 28)), idx("t10k-labels-idx1-ubyte.gz", 8, -1)
np.savez_compressed(at("clothes", "fashion.npz"), x_train=fx[:3000], y_train=fy[:3000], x_test=gx[:600], y_test=gy[:600])
# 5 pickled batches, rows of 3072 channel first, as in cifar-10-batches-py
rows = flat("train", 0, 240)
p = rng.permutation(len(rows))
for b in range(3):
    part = [rows[i] for i in p[b * 800:(b + 1) * 800]]
    pickle.dump({"data": np.stack([np.asarray(im).transpose(2, 0, 1).reshape(-1) for im, _ in part]),
                 "labels": [k for _, k in part]}, open(at("batches", f"data_batch_{b + 1}"), "wb"))
part = flat("test", 0, 50)
pickle.dump({"data": np.stack([np.asarray(im).transpose(2, 0, 1).reshape(-1) for im, _ in part]),
             "labels": [k for _, k in part]}, open(at("batches", "test_batch"), "wb"))
# 6 store.h5: images NHWC 48 px, labels, in random order
import h5py
with h5py.File(at("h5", "store.h5"), "w") as h:
    for s, sp, n in (("train", "train", 200), ("valid", "test", 40)):
        r = flat(sp, 0, n)
        q = rng.permutation(len(r))
        h[f"{s}/images"] = np.stack([np.asarray(r[i][0].resize((48, 48), Image.BICUBIC)) for i in q])
        h[f"{s}/labels"] = np.array([r[i][1] for i in q], np.int64)
# 7 stamps: flat folder + csv
base, groups, n = "/usr/share/tuxpaint/stamps", ["animals", "food", "symbols", "town"], 0
with open(at("stamps", "index.csv"), "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["file", "group", "fold"])
    for g in groups:
        files = sorted(os.path.join(d, x) for d, _, xs in os.walk(f"{base}/{g}") for x in xs if x.endswith(".png"))
        for j, x in enumerate(files):
            try:
                im = Image.open(x).convert("RGBA")
            except Exception:
                continue
            bg = Image.new("RGBA", im.size, "white")
            bg.alpha_composite(im)
            bg.convert("RGB").resize((80, 80), Image.BICUBIC).save(at("stamps", "img", f"{n:05d}.png"))
            w.writerow([f"{n:05d}.png", g, j % 5])
            n += 1
# 8 table: flat folder + csv of cifar at 64
with open(at("table", "labels.csv"), "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["image", "label", "split"])
    r = [(im, k, "train") for im, k in flat("train", 0, 150)] + [(im, k, "valid") for im, k in flat("test", 0, 40)]
    for j, i in enumerate(rng.permutation(len(r))):
        im, k, s = r[i]
        im.resize((64, 64), Image.BICUBIC).save(at("table", "images", f"im{j:05d}.jpg"), quality=92)
        w.writerow([f"im{j:05d}.jpg", C[k], s])
# 9 weights: torchvision resnet18 (100 outputs' key names as published) trained shortly
import torch, torchvision
torch.manual_seed(0)
torch.set_num_threads(2)
r = flat("train", 240, 330)
X = torch.stack([torch.from_numpy(np.asarray(im).copy()).permute(2, 0, 1).float() / 255 for im, _ in r])
X = (X - torch.tensor([.485, .456, .406]).view(3, 1, 1)) / torch.tensor([.229, .224, .225]).view(3, 1, 1)
Y = torch.tensor([k for _, k in r])
net = torchvision.models.resnet18(num_classes=10)
opt = torch.optim.SGD(net.parameters(), 0.02, momentum=0.9)
for s in range(16):
    i = torch.randint(len(X), (32,))
    opt.zero_grad(); torch.nn.functional.cross_entropy(net(X[i]), Y[i]).backward(); opt.step()
torch.save(net.state_dict(), at("weights", "resnet18_small.pth"))
# a ViT of transformers saved with save_pretrained
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor
vit = ViTForImageClassification(ViTConfig(hidden_size=96, num_hidden_layers=4, num_attention_heads=4, intermediate_size=192,
    image_size=64, patch_size=8, num_labels=10, id2label=dict(enumerate(C)), label2id={c: i for i, c in enumerate(C)}))
o = torch.optim.AdamW(vit.parameters(), 1e-3)
X = torch.stack([torch.from_numpy(np.asarray(im.resize((64, 64))).copy()).permute(2, 0, 1).float() / 127.5 - 1 for im, _ in r])
for s in range(25):
    i = torch.randint(len(X), (32,))
    o.zero_grad(); vit(pixel_values=X[i], labels=Y[i]).loss.backward(); o.step()
vit.save_pretrained(at("vit_mini", "x")[:-2])
ViTImageProcessor(size={"height": 64, "width": 64}).save_pretrained(at("vit_mini", "x")[:-2])
# 10 tfrecords, one shard per class, and keras weights of a small backbone
import tensorflow as tf, keras
for c in C:
    with tf.io.TFRecordWriter(at("shards", f"train-{C.index(c):02d}.tfrecord")) as w:
        for im in pics["train", c][:200]:
            b = io.BytesIO(); im.resize((56, 56), Image.BICUBIC).save(b, "JPEG", quality=92)
            w.write(tf.train.Example(features=tf.train.Features(feature={
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b.getvalue()])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[C.index(c)]))})).SerializeToString())
with tf.io.TFRecordWriter(at("shards", "valid.tfrecord")) as w:
    for im, k in flat("test", 0, 40):
        b = io.BytesIO(); im.resize((56, 56), Image.BICUBIC).save(b, "JPEG", quality=92)
        w.write(tf.train.Example(features=tf.train.Features(feature={
            "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b.getvalue()])),
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[k]))})).SerializeToString())
keras.utils.set_random_seed(1)
L = keras.layers
i = keras.Input((96, 96, 3)); x = L.Rescaling(1 / 127.5, offset=-1)(i)
for n_, f in enumerate((32, 64, 96, 128)):
    x = L.Conv2D(f, 3, strides=2, padding="same", use_bias=False, name=f"c{n_}")(x)
    x = L.BatchNormalization(momentum=0.8, name=f"b{n_}")(x); x = L.ReLU(name=f"r{n_}")(x)
body = keras.Model(i, L.GlobalAveragePooling2D()(x), name="encoder")
m = keras.Sequential([body, L.Dense(10)])
m.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
m.fit(np.stack([np.asarray(im.resize((96, 96))) for im, _ in r]).astype("float32"), Y.numpy(), epochs=5, batch_size=32, verbose=0)
body.save_weights(at("weights", "encoder.weights.h5"))
