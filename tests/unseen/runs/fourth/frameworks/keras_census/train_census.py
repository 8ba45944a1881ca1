# Census of animals from small pictures. The table (index.csv) says which picture shows
# what and to which fold it belongs.
#
#   python train_census.py [number of epochs]

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
from keras import regularizers
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from keras.layers import (BatchNormalization, Conv2D, Dense, Dropout, GlobalAveragePooling2D, Input,
                          MaxPooling2D, ReLU)
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import set_random_seed
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from scores import MacroF1

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
IMG_DIR = "jpg"
IMG_SIZE = (48, 48)
BATCH_SIZE = 32
LEARNING_RATE = 1e-3
L2 = 1e-4

set_random_seed(99)

# ---------------------------------------------------------------- table
df = pd.read_csv("index.csv", dtype=str)
missing = [f for f in df["filename"] if not os.path.exists(os.path.join(IMG_DIR, f))]
if missing:
    print(f"{len(missing)} pictures are missing and are left out")
    df = df[~df["filename"].isin(missing)]
train_df = df[df["fold"] == "train"].reset_index(drop=True)
valid_df = df[df["fold"] == "valid"].reset_index(drop=True)
classes = sorted(df["species"].unique())
print(pd.crosstab(df["species"], df["fold"]))

# ---------------------------------------------------------------- generators
train_datagen = ImageDataGenerator(
    rescale=1.0 / 255,
    rotation_range=12,
    width_shift_range=0.1,
    height_shift_range=0.1,
    zoom_range=0.1,
    horizontal_flip=True,
    fill_mode="nearest",
)
valid_datagen = ImageDataGenerator(rescale=1.0 / 255)

flow_args = dict(
    directory=IMG_DIR,
    x_col="filename",
    y_col="species",
    classes=classes,
    class_mode="categorical",
    target_size=IMG_SIZE,
    batch_size=BATCH_SIZE,
    seed=99,
)
train_flow = train_datagen.flow_from_dataframe(train_df, **flow_args)
valid_flow = valid_datagen.flow_from_dataframe(valid_df, **flow_args)

# ---------------------------------------------------------------- model
model = Sequential(name="census")
model.add(Input(shape=IMG_SIZE + (3,)))
for block, filters in enumerate((32, 64, 128)):
    for _ in range(2):
        model.add(Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal",
                         kernel_regularizer=regularizers.l2(L2)))
        model.add(BatchNormalization(momentum=0.9))
        model.add(ReLU())
    model.add(MaxPooling2D())
    model.add(Dropout(0.1 + 0.1 * block))
model.add(GlobalAveragePooling2D())
model.add(Dense(96, activation="relu", kernel_regularizer=regularizers.l2(L2)))
model.add(Dropout(0.4))
model.add(Dense(len(classes), activation="softmax"))

model.compile(optimizer=Adam(learning_rate=LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"])
model.summary()

# ---------------------------------------------------------------- training
os.makedirs("census_out", exist_ok=True)
history = model.fit(
    train_flow,
    epochs=EPOCHS,
    validation_data=valid_flow,
    callbacks=[
        MacroF1(valid_flow),
        ModelCheckpoint("census_out/best.keras", monitor="val_macro_f1", mode="max", save_best_only=True, verbose=1),
        ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=5, min_lr=1e-5),
        EarlyStopping(monitor="val_loss", patience=15),
    ],
)

# ---------------------------------------------------------------- curves
fig, (a, b) = plt.subplots(1, 2, figsize=(10, 4))
for name in ("loss", "val_loss"):
    a.plot(history.history[name], label=name)
for name in ("accuracy", "val_accuracy", "val_macro_f1"):
    b.plot(history.history[name], label=name)
a.legend()
b.legend()
fig.savefig("census_out/curves.png", dpi=120)
print("best macro F1:", max(history.history["val_macro_f1"]))
