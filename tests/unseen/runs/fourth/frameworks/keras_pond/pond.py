import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import sys

import numpy as np
import tensorflow as tf
import keras
from keras import layers as L

import settings as S


def folder(split, shuffle):
    return keras.utils.image_dataset_from_directory(
        os.path.join(S.DATASET, split), labels="inferred", label_mode="int", image_size=(S.SIDE, S.SIDE),
        batch_size=S.BATCH, shuffle=shuffle, seed=S.SEED if shuffle else None)


def network(classes):
    base = keras.applications.MobileNet(
        input_shape=(S.SIDE, S.SIDE, 3), alpha=0.25, include_top=False, weights=S.WEIGHTS, name="base")
    base.trainable = False

    pixels = keras.Input((S.SIDE, S.SIDE, 3), name="pixels")      # 0 ... 255 as they come from the files
    h = keras.Sequential([
        L.RandomFlip("horizontal"),
        L.RandomZoom((-0.15, 0.05), fill_mode="reflect"),
        L.RandomTranslation(0.1, 0.1, fill_mode="reflect"),
        L.RandomBrightness(0.15, value_range=(0, 255)),
    ], name="augment")(pixels)
    h = L.Rescaling(1 / 127.5, offset=-1.0, name="to_base")(h)
    # training=False: the moving statistics of the base stay as they were learnt, in both stages
    h = base(h, training=False)
    h = L.GlobalAveragePooling2D()(h)
    h = L.BatchNormalization(name="top_bn")(h)
    h = L.Dropout(0.3)(h)
    logits = L.Dense(classes, name="logits")(h)
    return keras.Model(pixels, logits, name="pond"), base


def compile_(model, rate):
    model.compile(
        keras.optimizers.Adam(rate, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
    )


def count(weights):
    return int(sum(np.prod(w.shape) for w in weights))


class Report(keras.callbacks.Callback):
    def __init__(self, what):
        super().__init__()
        self.what = what

    def on_train_begin(self, logs=None):
        print(f"--- {self.what}: {count(self.model.trainable_weights)} of {count(self.model.weights)} weights are trained")

    def on_epoch_end(self, epoch, logs=None):
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        print(f"    rate {rate:.2e}  " + "  ".join(f"{k} {v:.3f}" for k, v in sorted(logs.items()) if k != "learning_rate"))


def release(base):
    base.trainable = True
    below = True
    for layer in base.layers:
        if layer.name == S.RELEASE_FROM:
            below = False
        layer.trainable = not below and not isinstance(layer, L.BatchNormalization)
    assert not below, f"no layer {S.RELEASE_FROM}"


def confusion(model, dataset, names):
    truth, guess = [], []
    for x, y in dataset:
        truth.append(y.numpy())
        guess.append(model.predict_on_batch(x).argmax(-1))
    matrix = tf.math.confusion_matrix(np.concatenate(truth), np.concatenate(guess), len(names)).numpy()
    width = max(map(len, names))
    for name, row in zip(names, matrix):
        print(name.rjust(width), *(f"{v:4d}" for v in row), f"  recall {row[names.index(name)] / row.sum():.2f}")


def main(out="pond_out"):
    keras.utils.set_random_seed(S.SEED)
    os.makedirs(out, exist_ok=True)
    train, valid, test = folder("training", True), folder("validation", False), folder("testing", False)
    names = train.class_names
    assert names == valid.class_names == test.class_names
    train = train.cache().shuffle(40, reshuffle_each_iteration=True).prefetch(2)
    valid, test = valid.cache().prefetch(2), test.prefetch(2)

    model, base = network(len(names))

    compile_(model, S.HEAD_RATE)
    model.fit(train, validation_data=valid, epochs=S.HEAD_EPOCHS, verbose=2, callbacks=[Report("head")])

    release(base)
    compile_(model, S.TUNE_RATE)
    best = os.path.join(out, "best.weights.h5")
    model.fit(train, validation_data=valid, epochs=S.TUNE_EPOCHS, verbose=2, callbacks=[
        Report("fine tuning"),
        keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.3, patience=4, min_lr=1e-6),
        keras.callbacks.EarlyStopping("val_loss", patience=10),
        keras.callbacks.ModelCheckpoint(best, monitor="val_acc", mode="max", save_best_only=True, save_weights_only=True),
    ])
    model.load_weights(best)
    print("test:", model.evaluate(test, verbose=0, return_dict=True))
    confusion(model, test, names)


if __name__ == "__main__":
    main(*sys.argv[1:2])
