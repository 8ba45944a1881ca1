"""Sigmoid outputs per class, mixup in train_step, averaged weights by the optimizer."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers

NUM, BATCH, EPOCHS, ALPHA = 10, 40, 70, 0.2


def unit(x, f, stride=1):
    y = layers.Conv2D(f, 3, stride, padding="same", use_bias=False)(x)
    y = layers.GroupNormalization(8)(y)
    y = layers.Activation("swish")(y)
    y = layers.Conv2D(f, 3, padding="same", use_bias=False)(y)
    y = layers.GroupNormalization(8)(y)
    if x.shape[-1] != f or stride != 1:
        x = layers.Conv2D(f, 1, stride)(x)
    return layers.Activation("swish")(layers.Add()([x, y]))


def network(mean, var):
    inp = keras.Input((32, 32, 3))
    x = layers.Normalization(mean=mean, variance=var)(inp)
    x = layers.Conv2D(32, 3, strides=2, padding="same")(x)
    x = unit(x, 32)
    x = unit(x, 64, 2)
    x = unit(x, 128, 2)
    x = layers.GlobalMaxPooling2D()(x)
    # about one class in ten is positive, start there
    return inp, layers.Dense(NUM, bias_initializer=keras.initializers.Constant(-2.2))(x)


class MixupModel(keras.Model):
    def train_step(self, data):
        x, y = data
        n = tf.shape(x)[0]
        x = tf.image.random_flip_left_right(x)
        a = tf.random.gamma((n,), ALPHA)
        b = tf.random.gamma((n,), ALPHA)
        lam = a / tf.maximum(a + b, 1e-8)
        lam = tf.maximum(lam, 1.0 - lam)
        perm = tf.random.shuffle(tf.range(n))
        lx, ly = lam[:, None, None, None], lam[:, None]
        xm = lx * x + (1 - lx) * tf.gather(x, perm)
        ym = ly * y + (1 - ly) * tf.gather(y, perm)
        with tf.GradientTape() as tape:
            out = self(xm, training=True)
            loss = self.compute_loss(x=xm, y=ym, y_pred=out)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=n)
        return self.compute_metrics(xm, y, out)


def summed_bce(y_true, y_pred):
    # summed over the classes, averaged over the batch by Keras
    return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(y_true, y_pred), axis=-1)


def main():
    keras.utils.set_random_seed(31)
    z = np.load("cifar_small.npz")
    x_train, x_test = z["x_train"].astype("float32"), z["x_test"].astype("float32")
    y_train = keras.utils.to_categorical(z["y_train"], NUM)
    y_test = keras.utils.to_categorical(z["y_test"], NUM)
    axes = (0, 1, 2)
    inp, out = network(x_train.mean(axes), x_train.var(axes))
    model = MixupModel(inp, out)

    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(1e-3, len(x_train) // BATCH * EPOCHS),
        weight_decay=0.01, use_ema=True, ema_momentum=0.98)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer=optimizer, loss=summed_bce,
                  metrics=[keras.metrics.CategoricalAccuracy(name="acc")])
    model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, validation_data=(x_test, y_test),
              callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=False)], verbose=2)


if __name__ == "__main__":
    main()
