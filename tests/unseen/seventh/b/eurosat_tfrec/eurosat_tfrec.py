"""Land cover classifier on Sentinel-2 RGB patches, data in TFRecord shards."""
import logging

import tensorflow as tf

import records
import settings as S

log = logging.getLogger("eurosat")
L = tf.keras.layers


def conv_pair(x, width, name):
    x = L.Conv2D(width, 3, padding="same", activation="relu", name=f"{name}_a")(x)
    x = L.Conv2D(width, 3, padding="same", activation="relu", name=f"{name}_b")(x)
    return L.MaxPooling2D(2, name=f"{name}_pool")(x)


def landcover_cnn():
    patch = L.Input((S.PATCH, S.PATCH, 3), name="patch")
    x = patch
    for k, width in enumerate((32, 64, 128)):
        x = conv_pair(x, width, f"block{k}")
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dense(128, activation="relu")(x)
    x = L.Dropout(0.3)(x)
    out = L.Dense(len(S.LABELS), activation="softmax", name="cover")(x)
    return tf.keras.Model(patch, out, name="landcover_cnn")


def run():
    logging.basicConfig(level=logging.INFO)
    tf.keras.utils.set_random_seed(S.RNG)
    steps = S.N_TRAIN // S.GLOBAL_BATCH
    rate = tf.keras.optimizers.schedules.ExponentialDecay(S.START_LR, decay_steps=steps, decay_rate=0.94)

    strategy = tf.distribute.get_strategy()
    with strategy.scope():
        net = landcover_cnn()
        net.compile(optimizer=tf.keras.optimizers.Adam(rate),
                    loss=tf.keras.losses.SparseCategoricalCrossentropy(),
                    metrics=[tf.keras.metrics.SparseCategoricalAccuracy("acc")])
    log.info("parameters: %d", net.count_params())

    net.fit(records.training_stream(), steps_per_epoch=steps, epochs=S.MAX_EPOCHS,
            validation_data=records.validation_stream(),
            callbacks=[tf.keras.callbacks.ModelCheckpoint("landcover.keras", monitor="val_acc", mode="max",
                                                          save_best_only=True),
                       tf.keras.callbacks.TensorBoard("tb")])


if __name__ == "__main__":
    run()
