# lecture des imagettes (tif 8 bits, niveaux de gris) et construction des tf.data
import csv
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

COTE = 48


def charger_table(csv_path, racine, alphabet):
    chemins, y = [], []
    with open(csv_path, newline="", encoding="utf-8") as f:
        for fichier, lettre in csv.reader(f, delimiter=";"):
            chemins.append(str(Path(racine) / fichier))
            y.append(alphabet.index(lettre))
    return np.array(chemins), np.array(y, dtype=np.int32)


def _ouvrir(chemin):
    im = Image.open(chemin.numpy().decode()).convert("L")
    im = ImageOps.pad(im, (COTE, COTE), color=255)      # garde les proportions, fond blanc
    return np.asarray(im, dtype=np.uint8)[..., None]


def lire(chemin, label):
    im = tf.py_function(_ouvrir, [chemin], Tout=tf.uint8)
    im = tf.ensure_shape(im, (COTE, COTE, 1))
    return tf.cast(im, tf.float32), label               # 0..255, la mise à l'échelle est dans le réseau


def jeu(chemins, y, lot, entrainement):
    ds = tf.data.Dataset.from_tensor_slices((chemins, y))
    ds = ds.map(lire, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if entrainement:
        ds = ds.shuffle(len(chemins))
    return ds.batch(lot).prefetch(tf.data.AUTOTUNE)
