#!/usr/bin/env python3
"""Land cover from 64x64 satellite tiles (27k jpegs, ten folders)."""
import argparse
import glob
import os

import tensorflow as tf
from tensorflow.keras import layers

CLASSES = ["AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial",
           "Pasture", "PermanentCrop", "Residential", "River", "SeaLake"]


def read_tile(path, label):
  raw = tf.io.read_file(path)
  img = tf.io.decode_jpeg(raw, channels=3)
  img = tf.cast(img, tf.float32) / 255.0
  img = tf.ensure_shape(img, (64, 64, 3))
  return img, label


def flips(img, label):
  img = tf.image.random_flip_left_right(img)
  img = tf.image.random_flip_up_down(img)
  return img, label


def pipelines(root, batch, val_share):
  paths = sorted(glob.glob(os.path.join(root, "*", "*.jpg")))
  labels = [CLASSES.index(os.path.basename(os.path.dirname(p))) for p in paths]
  print(f"{len(paths)} tiles")
  tiles = tf.data.Dataset.from_tensor_slices((paths, labels))
  tiles = tiles.shuffle(len(paths))  # fault: C331
  n_val = int(val_share * len(paths))
  val = tiles.take(n_val)
  train = tiles.skip(n_val)

  auto = tf.data.AUTOTUNE
  train = train.map(read_tile, auto).map(flips, auto).batch(batch).prefetch(auto)
  val = val.map(read_tile, auto).batch(batch).prefetch(auto)
  return train, val


def unit(x, filters, pool=True):
  for _ in range(2):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
  if pool:
    x = layers.MaxPooling2D()(x)
  return x


def build():
  inp = layers.Input((64, 64, 3))
  x = unit(inp, 32)
  x = unit(x, 64)
  x = unit(x, 128)
  x = unit(x, 256, pool=False)
  x = layers.GlobalAveragePooling2D()(x)
  x = layers.Dropout(0.3)(x)
  out = layers.Dense(10)(x)
  return tf.keras.Model(inp, out, name="tilenet")


def main():
  ap = argparse.ArgumentParser()
  ap.add_argument("root")
  ap.add_argument("--batch", type=int, default=64)
  ap.add_argument("--epochs", type=int, default=30)
  ap.add_argument("--lr", type=float, default=1e-3)
  ap.add_argument("--val", type=float, default=0.15)
  a = ap.parse_args()

  train, val = pipelines(a.root, a.batch, a.val)
  model = build()
  model.compile(
      optimizer=tf.keras.optimizers.Adam(a.lr),
      loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
      metrics=["accuracy"])
  model.fit(train, validation_data=val, epochs=a.epochs,
            callbacks=[tf.keras.callbacks.TensorBoard("tb")])
  model.save("landcover_model")


if __name__ == "__main__":
  main()
