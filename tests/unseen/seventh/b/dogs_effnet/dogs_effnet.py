"""Fine-tune EfficientNetB0 on dog breeds. Everything adjustable sits in config.yaml."""
import pathlib
import sys

import tensorflow as tf
import tensorflow_datasets as tfds
import yaml

from net import breed_net

cfg = yaml.safe_load(pathlib.Path(__file__).with_name("config.yaml").read_text())


def prepare(sample):
    img = tf.image.resize(sample["image"], (cfg["image_size"],) * 2, antialias=True)
    return img, tf.one_hot(sample["label"], cfg["num_classes"])


def mirror(img, lab):
    return tf.image.random_flip_left_right(img), lab


def splits():
    tr, dev, te = tfds.load(cfg["dataset"], split=["train[:90%]", "train[90%:]", "test"])
    bs = cfg["train_batch"]
    steps = int(tr.cardinality()) // bs
    tr = tr.shuffle(2048).map(prepare, tf.data.AUTOTUNE).map(mirror, tf.data.AUTOTUNE)
    tr = tr.batch(bs, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    dev = dev.map(prepare, tf.data.AUTOTUNE).batch(bs).prefetch(tf.data.AUTOTUNE)
    te = te.map(prepare, tf.data.AUTOTUNE).batch(bs).prefetch(tf.data.AUTOTUNE)
    return tr, dev, te, steps


def main() -> int:
    tf.keras.utils.set_random_seed(cfg["seed"])
    tf.keras.mixed_precision.set_global_policy(cfg["precision"])
    tr, dev, te, steps = splits()
    model = breed_net(cfg["image_size"], cfg["num_classes"], cfg["dropout"])

    lr = tf.keras.optimizers.schedules.CosineDecay(float(cfg["optim"]["lr"]), steps * cfg["epochs"])
    model.compile(
        optimizer=tf.keras.optimizers.AdamW(lr, weight_decay=float(cfg["optim"]["weight_decay"])),
        loss=tf.keras.losses.CategoricalCrossentropy(label_smoothing=cfg["label_smoothing"]),
        metrics=["categorical_accuracy"],
    )
    model.fit(tr, validation_data=dev, epochs=cfg["epochs"])
    model.save("dogs.keras")
    print(model.evaluate(te, return_dict=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
