import os
os.environ["KERAS_BACKEND"] = "torch"
import sys
from pathlib import Path
import numpy as np
from PIL import Image
import keras
from keras import layers as L

keras.utils.set_random_seed(5)
KINDS = ["cloudy", "rain", "shine", "sunrise"]
HERE = Path(sys.argv[1] if len(sys.argv) > 1 else "weather")

pics, kind = [], []
for k, name in enumerate(KINDS):
    for f in sorted((HERE / name).glob("*.jpg")):
        pics.append(np.asarray(Image.open(f).convert("RGB").resize((160, 160))))
        kind.append(k)
pics = np.stack(pics)
kind = np.array(kind)
mix = np.random.default_rng(5).permutation(len(pics))
pics, kind = pics[mix], kind[mix]

stack = keras.Sequential([
    keras.Input((160, 160, 3)),
    L.Rescaling(1 / 255),
    L.RandomFlip("horizontal"),
    L.RandomTranslation(0.08, 0.08),
    L.Conv2D(32, 3, activation="relu", padding="same"), L.MaxPooling2D(),
    L.Conv2D(64, 3, activation="relu", padding="same"), L.MaxPooling2D(),
    L.Conv2D(96, 3, activation="relu", padding="same"), L.MaxPooling2D(),
    L.Conv2D(128, 3, activation="relu", padding="same"),
    L.GlobalAveragePooling2D(),
    L.Dropout(0.4),
    L.Dense(len(KINDS), activation="softmax"),
])
stack.compile(optimizer=keras.optimizers.Nadam(8e-4), loss="sparse_categorical_crossentropy", metrics=["acc"])
h = stack.fit(pics, kind, batch_size=24, epochs=60, validation_split=0.15, verbose=2,
              callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)])
print("best val acc", max(h.history["val_acc"]))
stack.save("weather.keras")
