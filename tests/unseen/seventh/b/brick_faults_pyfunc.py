"""Binary surface inspection (good / faulty brick) - grey images, decoded with PIL inside tf.py_function,
trained batch by batch."""
import pathlib
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps
from sklearn.model_selection import train_test_split

HERE = pathlib.Path("/data/bricks")
EDGE, PER_BATCH, PASSES = 160, 16, 30


def open_grey(path):
    # autocontrast is only defined for 8 bit images, so stay in uint8 until the very end
    with Image.open(path.numpy().decode()) as im:
        im = ImageOps.autocontrast(im.convert("L")).resize((EDGE, EDGE))
    return np.asarray(im, np.uint8)[..., None]


def fetch(path, flag):
    raw = tf.py_function(open_grey, [path], tf.uint8)
    raw.set_shape((EDGE, EDGE, 1))
    return tf.image.convert_image_dtype(raw, tf.float32), flag


def stream(files, flags, training):
    ds = tf.data.Dataset.from_tensor_slices((files, flags))
    if training:
        ds = ds.shuffle(len(files), reshuffle_each_iteration=True)
    ds = ds.map(fetch, num_parallel_calls=4)
    if training:
        ds = ds.map(lambda im, f: (tf.image.random_flip_left_right(im), f))
    return ds.batch(PER_BATCH).prefetch(1)


files = sorted(str(p) for p in HERE.glob("*/*.png"))
flags = np.array([[float(pathlib.Path(p).parent.name == "faulty")] for p in files], "float32")
f_tr, f_va, l_tr, l_va = train_test_split(files, flags, test_size=0.2, stratify=flags[:, 0], random_state=8)
share = float(l_tr.mean())
weights = {0: 0.5 / (1 - share), 1: 0.5 / share}

KL = tf.keras.layers
inspector = tf.keras.Sequential([KL.Input((EDGE, EDGE, 1))])
for width in (16, 32, 64, 128):
    inspector.add(KL.SeparableConv2D(width, 3, padding="same", activation="relu"))
    inspector.add(KL.Conv2D(width, 3, padding="same", activation="relu"))
    inspector.add(KL.MaxPool2D())
inspector.add(KL.GlobalMaxPool2D())
inspector.add(KL.Dense(32, activation="relu"))
inspector.add(KL.Dense(1))
inspector.compile(tf.keras.optimizers.RMSprop(5e-4),
                  loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
                  metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.0, name="acc"),
                           tf.keras.metrics.AUC(from_logits=True, name="auc")])

train, valid = stream(f_tr, l_tr, True), stream(f_va, l_va, False)
best = np.inf
for n in range(PASSES):
    seen, sizes = [], []
    for im, f in train:
        inspector.reset_metrics()
        seen.append(inspector.train_on_batch(im, f, class_weight=weights, return_dict=True)["loss"])
        sizes.append(len(f))
    res = inspector.evaluate(valid, verbose=0, return_dict=True)
    print(n, "train loss", np.average(seen, weights=sizes), {k: round(v, 4) for k, v in res.items()})
    if res["loss"] < best:
        best = res["loss"]
        inspector.save_weights("brick.weights.h5")
