# EuroSAT (RGB, 64x64) を tf.data + PIL で読み込む小さな分類器
import pathlib
import numpy as np
import tensorflow as tf
from PIL import Image

ROOT = pathlib.Path.home() / "datasets" / "EuroSAT_RGB"
N_OUT = 10
PX = 64
BS = 128
VAL = 0.2

# クラス名はフォルダ名の辞書順
names = sorted(p.name for p in ROOT.iterdir() if p.is_dir())
assert len(names) == N_OUT
files, ids = [], []
for i, n in enumerate(names):
    for p in sorted((ROOT / n).glob("*.jpg")):
        files.append(str(p))
        ids.append(i)
count = len(files)
n_val = int(count * VAL)


def _pil(path):
    with Image.open(path.numpy().decode()) as im:
        im = im.convert("RGB").resize((PX, PX))
        return np.asarray(im, dtype=np.float32) / 255.0


def read(path, label):
    img = tf.py_function(_pil, [path], tf.float32)
    img.set_shape((PX, PX, 3))
    return img, label


def flip(img, label):
    # 衛星画像なので上下左右どちらに反転してもよい
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_flip_up_down(img)
    return img, label


# 一度だけ混ぜてから分割する
pool = tf.data.Dataset.from_tensor_slices((files, ids))
pool = pool.shuffle(count, seed=31, reshuffle_each_iteration=False)
val_part = pool.take(n_val).map(read, num_parallel_calls=4).cache().batch(BS)
train_part = (pool.skip(n_val)
              .map(read, num_parallel_calls=4)
              .cache()
              .shuffle(4096)
              .map(flip, num_parallel_calls=4)
              .batch(BS)
              .prefetch(tf.data.AUTOTUNE))


class Sep(tf.keras.layers.Layer):
    """SeparableConv -> BN -> ReLU"""

    def __init__(self, ch, **kw):
        super().__init__(**kw)
        self.conv = tf.keras.layers.SeparableConv2D(ch, 3, padding="same", use_bias=False)
        self.bn = tf.keras.layers.BatchNormalization()

    def call(self, x, training=None):
        return tf.nn.relu(self.bn(self.conv(x), training=training))


net = tf.keras.Sequential([
    tf.keras.Input((PX, PX, 3)),
    tf.keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
    Sep(64), tf.keras.layers.MaxPooling2D(),
    Sep(128), Sep(128), tf.keras.layers.MaxPooling2D(),
    Sep(256), Sep(256), tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.GlobalAveragePooling2D(),
    tf.keras.layers.Dropout(0.3),
    tf.keras.layers.Dense(N_OUT, activation="softmax"),
])
net.compile(optimizer=tf.keras.optimizers.RMSprop(1e-3),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"])
cb = [
    tf.keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", factor=0.3, patience=4, min_lr=1e-6),
    tf.keras.callbacks.ModelCheckpoint("eurosat.weights.h5", monitor="val_accuracy",
                                       save_best_only=True, save_weights_only=True),
]
hist = net.fit(train_part, validation_data=val_part, epochs=45, callbacks=cb)
print("検証精度(最良):", max(hist.history["val_accuracy"]))
