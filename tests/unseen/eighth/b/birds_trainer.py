"""Fine-tunes EfficientNetB0 on a folder of garden birds (one sub-folder for each of 20 species)."""
import logging
import os

import tensorflow as tf

log = logging.getLogger("birds")


class BirdTrainer:
    SPECIES = 20

    def __init__(self, folder, out="runs/birds", size=224, batch=32, seed=7):
        self.folder = folder
        self.out = out
        self.size = size
        self.batch = batch
        self.seed = seed
        os.makedirs(out, exist_ok=True)
        tf.keras.utils.set_random_seed(seed)
        self.train_ds = self._open("training")
        self.val_ds = self._open("validation")
        self.backbone = None
        self.model = self._make()

    def _open(self, subset):
        ds = tf.keras.utils.image_dataset_from_directory(
            self.folder,
            validation_split=0.2,
            subset=subset,
            seed=self.seed,
            image_size=(self.size, self.size),
            batch_size=self.batch,
            label_mode="categorical",
        )
        return ds.prefetch(tf.data.AUTOTUNE)

    def _make(self):
        # EfficientNet has its own rescaling inside and takes 0..255
        self.backbone = tf.keras.applications.EfficientNetB0(include_top=False, weights="imagenet")
        self.backbone.trainable = False
        pixels = tf.keras.layers.Input(shape=(self.size, self.size, 3))
        x = tf.keras.layers.RandomFlip("horizontal")(pixels)
        x = tf.keras.layers.RandomRotation(0.05)(x)
        x = tf.keras.layers.RandomContrast(0.1)(x)
        x = self.backbone(x, training=False)
        x = tf.keras.layers.GlobalAveragePooling2D()(x)
        x = tf.keras.layers.Dropout(0.3)(x)
        probs = tf.keras.layers.Dense(self.SPECIES, activation="softmax")(x)
        return tf.keras.Model(pixels, probs)

    def _watchers(self, tag):
        return [
            tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True),
            tf.keras.callbacks.TensorBoard(os.path.join(self.out, tag)),
        ]

    def warm_up(self, epochs=8):
        self.model.compile(
            optimizer=tf.keras.optimizers.Adam(learning_rate=1e-3),
            loss="categorical_crossentropy",
            metrics=["accuracy"],
        )
        log.info("head only, %d trainable tensors", len(self.model.trainable_weights))
        return self.model.fit(
            self.train_ds, validation_data=self.val_ds, epochs=epochs, callbacks=self._watchers("head")
        )

    def unfreeze(self, last=60, epochs=12):
        self.backbone.trainable = True  # fault: C332
        for layer in self.backbone.layers[:-last]:
            layer.trainable = False
        self.model.optimizer.learning_rate = 1e-5
        log.info("last %d layers too, %d trainable tensors", last, len(self.model.trainable_weights))
        return self.model.fit(
            self.train_ds, validation_data=self.val_ds, epochs=epochs, callbacks=self._watchers("tail")
        )

    def finish(self):
        loss, acc = self.model.evaluate(self.val_ds, verbose=0)
        log.info("val loss %.4f, val accuracy %.4f", loss, acc)
        self.model.save(os.path.join(self.out, "birds.keras"))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    t = BirdTrainer("data/garden_birds")
    t.warm_up()
    t.unfreeze()
    t.finish()
