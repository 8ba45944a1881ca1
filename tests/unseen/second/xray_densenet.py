# Sound.
# Pneumonia vs. normal on chest radiographs, DenseNet121, two stages.
#
# Notes to self
#  * radiographs are single-channel PNGs; channels=3 repeats the grey value
#  * no mirror augmentation (the heart is on the left), only exposure changes
#  * batch norm keeps its ImageNet statistics in BOTH stages: the layers are
#    left with trainable=False, which in Keras means inference mode

import glob
import os
import random

import tensorflow as tf
from tensorflow.keras.applications.densenet import DenseNet121, preprocess_input

SIZE = 224
BATCH_SIZE = 32
SEED = 31
FOLDERS = ("NORMAL", "PNEUMONIA")

tf.keras.utils.set_random_seed(SEED)


def gather(split):
    pairs = []
    for label, folder in enumerate(FOLDERS):
        for path in sorted(glob.glob(os.path.join("chest", split, folder, "*.png"))):
            pairs.append((path, label))
    random.shuffle(pairs)
    paths, labels = zip(*pairs)
    return list(paths), list(labels)


def decode(path, label):
    raw = tf.io.read_file(path)
    image = tf.io.decode_png(raw, channels=3)
    image = tf.image.resize(image, (SIZE, SIZE))        # float32, still 0..255
    return image, tf.cast(label, tf.float32)


def exposure(image, label):
    image = tf.image.random_brightness(image, max_delta=25.0)
    image = tf.image.random_contrast(image, 0.85, 1.15)
    return tf.clip_by_value(image, 0.0, 255.0), label


def finish(image, label):
    return preprocess_input(image), label


def make_dataset(paths, labels, train=False):
    ds = tf.data.Dataset.from_tensor_slices((paths, labels))
    if train:
        ds = ds.shuffle(len(paths), reshuffle_each_iteration=True)
    ds = ds.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
    if train:
        ds = ds.map(exposure, num_parallel_calls=tf.data.AUTOTUNE)
    ds = ds.map(finish, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)


tr_paths, tr_labels = gather("train")
va_paths, va_labels = gather("val")
te_paths, te_labels = gather("test")
train_ds = make_dataset(tr_paths, tr_labels, train=True)
val_ds = make_dataset(va_paths, va_labels)
test_ds = make_dataset(te_paths, te_labels)

n_pos = sum(tr_labels)
n_neg = len(tr_labels) - n_pos
class_weight = {0: len(tr_labels) / (2.0 * n_neg), 1: len(tr_labels) / (2.0 * n_pos)}

backbone = DenseNet121(include_top=False, weights="imagenet", input_shape=(SIZE, SIZE, 3), pooling="avg")
h = tf.keras.layers.Dropout(0.3)(backbone.output)
prob = tf.keras.layers.Dense(1, activation="sigmoid")(h)
model = tf.keras.Model(backbone.input, prob)


def unfreeze_from(prefix):
    """Let everything from the first layer called prefix* on learn, batch norm excepted."""
    on = False
    for layer in backbone.layers:
        on = on or layer.name.startswith(prefix)
        is_bn = isinstance(layer, tf.keras.layers.BatchNormalization)
        layer.trainable = on and not is_bn


def compile_with(lr):
    model.compile(
        optimizer=tf.keras.optimizers.Adam(lr),
        loss=tf.keras.losses.BinaryCrossentropy(),
        metrics=["accuracy", tf.keras.metrics.AUC(name="auc")],
    )


def callbacks(tag):
    return [
        tf.keras.callbacks.EarlyStopping("val_auc", mode="max", patience=4, restore_best_weights=True),
        tf.keras.callbacks.CSVLogger(f"xray_{tag}.csv"),
    ]


# stage one: the new unit alone
for layer in backbone.layers:
    layer.trainable = False
compile_with(1e-3)
model.fit(train_ds, validation_data=val_ds, epochs=8, class_weight=class_weight, callbacks=callbacks("head"))

# stage two: last dense block too
unfreeze_from("conv5_block")
compile_with(2e-5)
model.fit(train_ds, validation_data=val_ds, epochs=20, class_weight=class_weight, callbacks=callbacks("block5"))

print(model.evaluate(test_ds, return_dict=True))
model.save("xray_densenet121.keras")
