import argparse

import keras
import pandas as pd
from keras import layers

from loader import PetSequence

parser = argparse.ArgumentParser()
parser.add_argument("--csv", default="pets/labels.csv")
parser.add_argument("--images", default="pets/images")
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--bs", type=int, default=32)
args = parser.parse_args()

keras.utils.set_random_seed(5)
df = pd.read_csv(args.csv)
classes = sorted(df["label"].unique())
df["target"] = df["label"].map({c: i for i, c in enumerate(classes)})
tr = df[df["split"] == "train"]
va = df[df["split"] == "valid"]
print(f"{len(tr)} training / {len(va)} validation pictures, classes: {classes}")

train_seq = PetSequence(tr["file"], tr["target"], args.images, args.bs, training=True)
valid_seq = PetSequence(va["file"], va["target"], args.images, args.bs)

model = keras.Sequential([keras.Input((48, 48, 3))])
for width in (32, 64, 128):
    model.add(layers.Conv2D(width, 3, padding="same", activation="relu"))
    model.add(layers.Conv2D(width, 3, padding="same", activation="relu"))
    model.add(layers.MaxPooling2D())
model.add(layers.Flatten())
model.add(layers.Dropout(0.4))
model.add(layers.Dense(128, activation="relu"))
model.add(layers.Dense(len(classes), activation="softmax"))

model.compile(optimizer=keras.optimizers.Adam(5e-4),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_seq, validation_data=valid_seq, epochs=args.epochs,
          callbacks=[keras.callbacks.EarlyStopping(patience=20, monitor="val_accuracy", mode="max")])
model.save("pets_cnn.keras")
