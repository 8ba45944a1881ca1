# Sound.
"""Occupation du sol sur tuiles Sentinel-2 (64 x 64, dix classes).

Réseau entraîné depuis zéro : blocs convolutifs avec attention de canal.
La normalisation se fait dans `lire`, pas dans le réseau.
"""
from pathlib import Path

import numpy as np
import tensorflow as tf

AUTO = tf.data.AUTOTUNE
keras = tf.keras


class Config:
    racine = Path("eurosat/2750")
    cote = 64
    lot = 128
    tours = 80
    taux = 1e-3
    graine = 7


class CompressionExcitation(keras.layers.Layer):
    """Pondère chaque canal par une porte apprise."""

    def __init__(self, rapport=8, **kw):
        super().__init__(**kw)
        self.rapport = rapport

    def build(self, forme):
        c = forme[-1]
        self.bas = keras.layers.Dense(max(c // self.rapport, 4), activation="relu")
        self.haut = keras.layers.Dense(c, activation="sigmoid")
        self.bas.build((None, c))
        self.haut.build((None, max(c // self.rapport, 4)))
        super().build(forme)

    def call(self, t):
        porte = self.haut(self.bas(tf.reduce_mean(t, axis=[1, 2])))
        return t * porte[:, None, None, :]

    def get_config(self):
        return {**super().get_config(), "rapport": self.rapport}


def lister(cfg):
    classes = sorted(d.name for d in cfg.racine.iterdir() if d.is_dir())
    chemins, etiquettes = [], []
    for i, c in enumerate(classes):
        for f in sorted((cfg.racine / c).glob("*.jpg")):
            chemins.append(str(f))
            etiquettes.append(i)
    ordre = np.random.default_rng(cfg.graine).permutation(len(chemins))
    return np.array(chemins)[ordre], np.array(etiquettes)[ordre]


def lire(chemin, etiquette):
    img = tf.io.decode_jpeg(tf.io.read_file(chemin), channels=3)
    img = tf.cast(img, tf.float32) / 127.5 - 1.0
    img = tf.ensure_shape(img, (Config.cote, Config.cote, 3))
    return img, tf.one_hot(etiquette, 10)


def retourner(img, etiquette):
    # une tuile vue d'en haut n'a ni haut ni bas
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_flip_up_down(img)
    return img, etiquette


def flux(chemins, etiquettes, cfg, entrainement):
    ds = tf.data.Dataset.from_tensor_slices((chemins, etiquettes))
    if entrainement:
        ds = ds.shuffle(len(chemins), seed=cfg.graine)
    ds = ds.map(lire, num_parallel_calls=AUTO)
    if entrainement:
        ds = ds.map(retourner, num_parallel_calls=AUTO)
    return ds.batch(cfg.lot, drop_remainder=entrainement).prefetch(AUTO)


def bloc(t, largeur):
    for _ in range(2):
        t = keras.layers.Conv2D(largeur, 3, padding="same", use_bias=False)(t)
        t = keras.layers.BatchNormalization()(t)
        t = keras.layers.ReLU()(t)
    t = CompressionExcitation()(t)
    return keras.layers.MaxPooling2D()(t)


def construire(cfg, pas_total):
    entree = keras.Input((cfg.cote, cfg.cote, 3))
    t = entree
    for largeur in (48, 96, 192, 256):
        t = bloc(t, largeur)
    t = keras.layers.GlobalAveragePooling2D()(t)
    t = keras.layers.Dropout(0.4)(t)
    sortie = keras.layers.Dense(10)(t)
    modele = keras.Model(entree, sortie)
    modele.compile(
        keras.optimizers.AdamW(
            learning_rate=keras.optimizers.schedules.CosineDecay(cfg.taux, pas_total),
            weight_decay=1e-3,
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
        metrics=["accuracy"],
    )
    return modele


def principal():
    cfg = Config()
    keras.utils.set_random_seed(cfg.graine)
    chemins, etiquettes = lister(cfg)
    n = len(chemins)
    a, b = int(0.7 * n), int(0.85 * n)
    appr = flux(chemins[:a], etiquettes[:a], cfg, True)
    vali = flux(chemins[a:b], etiquettes[a:b], cfg, False)
    test = flux(chemins[b:], etiquettes[b:], cfg, False)

    modele = construire(cfg, pas_total=(a // cfg.lot) * cfg.tours)
    garde = keras.callbacks.ModelCheckpoint(
        "eurosat.weights.h5", monitor="val_accuracy", save_best_only=True, save_weights_only=True
    )
    modele.fit(appr, validation_data=vali, epochs=cfg.tours, callbacks=[garde], verbose=2)
    modele.load_weights("eurosat.weights.h5")
    print(modele.evaluate(test, return_dict=True))


if __name__ == "__main__":
    principal()
