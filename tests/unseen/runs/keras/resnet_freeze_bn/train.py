"""ResNet-18 mit eigener Trainingsschleife (train_step) und Mixup."""
import argparse

import keras
import tensorflow as tf

from layers_ import resnet18


class MixupModel(keras.Model):
    alpha = 0.2

    def train_step(self, data):
        x, y = data
        n = tf.shape(x)[0]
        # Beta(a, a) aus zwei Gamma-Zahlen
        g1 = tf.random.gamma([], self.alpha)
        g2 = tf.random.gamma([], self.alpha)
        lam = tf.math.divide_no_nan(g1, g1 + g2)
        lam = tf.maximum(lam, 1.0 - lam)
        order = tf.random.shuffle(tf.range(n))
        x_mix = lam * x + (1.0 - lam) * tf.gather(x, order)
        y_mix = lam * y + (1.0 - lam) * tf.gather(y, order)
        with tf.GradientTape() as tape:
            pred = self(x_mix, training=True)
            loss = self.compute_loss(x=x_mix, y=y_mix, y_pred=pred, training=True)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(grads, self.trainable_variables)
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            else:
                m.update_state(y, pred)
        return {m.name: m.result() for m in self.metrics}


def daten(pfad, groesse, stapel, lernen):
    ds = keras.utils.image_dataset_from_directory(pfad, label_mode="categorical", image_size=(groesse, groesse),
                                                  batch_size=None, shuffle=False)
    klassen = ds.class_names
    n = int(ds.cardinality())
    ds = ds.map(lambda b, k: (b / 127.5 - 1.0, k)).cache()
    if lernen:
        ds = ds.shuffle(n)
        ds = ds.map(lambda b, k: (tf.image.random_flip_left_right(b), k), num_parallel_calls=2)
        ds = ds.map(lambda b, k: (tf.image.random_crop(tf.pad(b, [[8, 8], [8, 8], [0, 0]], "SYMMETRIC"),
                                                       (groesse, groesse, 3)), k), num_parallel_calls=2)
    return ds.batch(stapel, drop_remainder=lernen).prefetch(2), klassen, n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("ordner")
    p.add_argument("-g", "--groesse", type=int, default=96)
    p.add_argument("-b", "--stapel", type=int, default=64)
    p.add_argument("-e", "--epochen", type=int, default=100)
    p.add_argument("--lr", type=float, default=0.1)
    o = p.parse_args()

    lern, klassen, n = daten(f"{o.ordner}/train", o.groesse, o.stapel, True)
    pruef, klassen2, _ = daten(f"{o.ordner}/val", o.groesse, o.stapel, False)
    assert klassen == klassen2
    schritte = n // o.stapel

    inp = keras.Input((o.groesse, o.groesse, 3))
    modell = MixupModel(inp, resnet18(inp, len(klassen)))
    lr = keras.optimizers.schedules.CosineDecay(0.1 * o.lr, decay_steps=schritte * o.epochen, warmup_target=o.lr,
                                                warmup_steps=5 * schritte)
    modell.compile(keras.optimizers.SGD(lr, momentum=0.9, nesterov=True, weight_decay=5e-4, clipnorm=5.0),
                   loss="categorical_crossentropy", metrics=["accuracy"])
    modell.fit(lern, validation_data=pruef, epochs=o.epochen)
    modell.save_weights("mixup18.weights.h5")


if __name__ == "__main__":
    main()
