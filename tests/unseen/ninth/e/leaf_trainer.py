"""Train a leaf disease classifier on folders of jpg files.

    leaves/
        healthy/xxx.jpg
        rust/xxx.jpg
        ...
"""
import argparse
import logging
from pathlib import Path

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("leaf")

AUTO = tf.data.AUTOTUNE


def parse_args():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("root", type=Path)
    ap.add_argument("--size", type=int, default=128)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--weight-decay", type=float, default=1e-4)
    ap.add_argument("--val-frac", type=float, default=0.2)
    ap.add_argument("--out", type=Path, default=Path("out"))
    return ap.parse_args()


class GradNormModel(keras.Model):
    """Functional model whose train_step also reports the global gradient norm."""

    def __init__(self, *args, clip=5.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.clip = clip
        self.norm_tracker = keras.metrics.Mean(name="grad_norm")

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        grads = tape.gradient(loss, self.trainable_variables)
        grads, norm = tf.clip_by_global_norm(grads, self.clip)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.norm_tracker.update_state(norm)
        logs = {}
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            elif m.name != "grad_norm":
                m.update_state(y, y_pred)
            logs[m.name] = m.result()
        return logs


def list_classes(root):
    return sorted(d.name for d in root.iterdir() if d.is_dir())


def make_decoder(classes, size):
    table = tf.constant(classes)

    def decode(path):
        name = tf.strings.split(path, "/")[-2]
        label = tf.argmax(tf.cast(table == name, tf.int32), output_type=tf.int32)
        img = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        img = tf.image.resize(img, (size, size)) / 255.0
        return img, label

    return decode


def flip_and_colour(img, label):
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_flip_up_down(img)
    img = tf.image.random_brightness(img, 0.1)
    img = tf.image.random_contrast(img, 0.9, 1.1)
    return tf.clip_by_value(img, 0.0, 1.0), label


def datasets(args, classes):
    files = sorted(p.as_posix() for p in args.root.glob("*/*.jpg"))
    n = len(files)
    n_val = int(n * args.val_frac)
    decode = make_decoder(classes, args.size)

    ds = tf.data.Dataset.from_tensor_slices(files)
    ds = ds.shuffle(n, seed=11)  # fault: C331
    val = ds.take(n_val)
    train = ds.skip(n_val)

    train = (train.map(decode, num_parallel_calls=AUTO)
             .map(flip_and_colour, num_parallel_calls=AUTO)
             .batch(args.batch_size)
             .prefetch(AUTO))
    val = val.map(decode, num_parallel_calls=AUTO).batch(args.batch_size).prefetch(AUTO)
    log.info("%d files, %d for validation", n, n_val)
    return train, val


def sep_block(x, filters):
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization(momentum=0.9)(y)
    y = layers.Activation("relu")(y)
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    short = layers.Conv2D(filters, 1, strides=2, padding="same")(x)
    return layers.Activation("relu")(layers.add([y, short]))


def build(size, n_classes):
    inp = keras.Input((size, size, 3))
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(inp)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    for f in (64, 128, 256):
        x = sep_block(x, f)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    out = layers.Dense(n_classes)(x)
    return GradNormModel(inp, out, name="leafnet")


def main():
    args = parse_args()
    keras.utils.set_random_seed(11)
    classes = list_classes(args.root)
    train, val = datasets(args, classes)

    model = build(args.size, len(classes))
    model.compile(
        optimizer=keras.optimizers.AdamW(args.lr, weight_decay=args.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
    )
    args.out.mkdir(parents=True, exist_ok=True)
    model.fit(
        train,
        validation_data=val,
        epochs=args.epochs,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=4, min_lr=1e-6),
            keras.callbacks.ModelCheckpoint(str(args.out / "best.weights.h5"), monitor="val_acc", mode="max",
                                            save_best_only=True, save_weights_only=True),
            keras.callbacks.CSVLogger(str(args.out / "log.csv")),
        ],
    )
    (args.out / "classes.txt").write_text("\n".join(classes))


if __name__ == "__main__":
    main()
