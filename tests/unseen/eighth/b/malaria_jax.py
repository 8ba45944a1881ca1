import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import tensorflow as tf  # only tf.data and tf.image
from keras import layers, regularizers
from sklearn.model_selection import train_test_split

CONFIG = dict(
    healthy="cell_images/Uninfected/*.png",
    infected="cell_images/Parasitized/*.png",
    side=128,
    batch=64,
    epochs=35,
    seed=404,
)


def paths_and_truth(cfg):
    healthy = sorted(tf.io.gfile.glob(cfg["healthy"]))
    infected = sorted(tf.io.gfile.glob(cfg["infected"]))
    return healthy + infected, [0.0] * len(healthy) + [1.0] * len(infected)


class CellFeed:
    """Turns lists of paths into batches; floats between 0 and 1 all the way."""

    def __init__(self, side, batch):
        self.side = side
        self.batch = batch

    def _pixels(self, path):
        cell = tf.io.decode_png(tf.io.read_file(path), channels=3)
        cell = tf.image.convert_image_dtype(cell, tf.float32)
        return tf.image.resize(cell, (self.side, self.side))

    def _jitter(self, cell):
        cell = tf.image.random_flip_left_right(cell)
        cell = tf.image.random_flip_up_down(cell)
        cell = tf.image.random_brightness(cell, 0.08)
        return tf.clip_by_value(cell, 0.0, 1.0)

    @staticmethod
    def _column(cell, t):
        return cell, tf.expand_dims(t, -1)

    def learn(self, paths, truth):
        d = tf.data.Dataset.from_tensor_slices((paths, truth)).shuffle(len(paths))
        d = d.map(lambda p, t: (self._jitter(self._pixels(p)), t), num_parallel_calls=tf.data.AUTOTUNE)
        d = d.map(self._column)
        return d.batch(self.batch, drop_remainder=True).prefetch(tf.data.AUTOTUNE)

    def look(self, paths, truth):
        d = tf.data.Dataset.from_tensor_slices((paths, truth))
        d = d.map(lambda p, t: (self._pixels(p), t), num_parallel_calls=tf.data.AUTOTUNE)
        return d.map(self._column).batch(self.batch).prefetch(tf.data.AUTOTUNE)


def cellnet(side):
    a = keras.Input((side, side, 3))
    b = a
    for width in (32, 64, 128, 128):
        b = layers.Conv2D(width, 3, padding="same", kernel_regularizer=regularizers.L2(1e-5))(b)
        b = layers.GroupNormalization(8)(b)
        b = layers.Activation("gelu")(b)
        b = layers.MaxPooling2D()(b)
    b = layers.GlobalMaxPooling2D()(b)
    b = layers.Dropout(0.5)(b)
    c = layers.Dense(1, activation="sigmoid")(b)
    return keras.Model(a, c, name="cellnet")


def main(cfg=CONFIG):
    keras.utils.set_random_seed(cfg["seed"])
    x, y = paths_and_truth(cfg)
    x_fit, x_rest, y_fit, y_rest = train_test_split(x, y, test_size=0.3, stratify=y, random_state=cfg["seed"])
    x_dev, x_test, y_dev, y_test = train_test_split(
        x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=cfg["seed"]
    )
    feed = CellFeed(cfg["side"], cfg["batch"])
    model = cellnet(cfg["side"])
    model.compile(
        optimizer=keras.optimizers.Adam(5e-4),
        loss="binary_crossentropy",
        metrics=["binary_accuracy", keras.metrics.AUC(name="auc")],
    )
    model.fit(
        feed.learn(x_fit, y_fit),
        validation_data=feed.look(x_dev, y_dev),
        epochs=cfg["epochs"],
        callbacks=[keras.callbacks.EarlyStopping(monitor="val_auc", mode="max", patience=7,
                                                 restore_best_weights=True)],
    )
    print(model.evaluate(feed.look(x_test, y_test), return_dict=True))
    model.save("cellnet.keras")


if __name__ == "__main__":
    main()
