# Sound.
"""Diabetic retinopathy grading (0-4) from fundus photographs, two stages."""
import os

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight
from tensorflow.keras.applications.resnet50 import ResNet50, preprocess_input
from tensorflow.keras.callbacks import CSVLogger, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from tensorflow.keras.layers import BatchNormalization, Dense, Dropout, GlobalAveragePooling2D
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.image import ImageDataGenerator

IMG = 224
BATCH = 32
SEED = 2019
IMAGES = os.path.join("..", "input", "fundus", "train_images")

tf.keras.utils.set_random_seed(SEED)

df = pd.read_csv(os.path.join("..", "input", "fundus", "train.csv"))
df["id_code"] = df["id_code"].astype(str) + ".png"
df["diagnosis"] = df["diagnosis"].astype(str)
train_df, valid_df = train_test_split(df, test_size=0.15, stratify=df["diagnosis"], random_state=SEED)

# preprocess_input does the BGR conversion and the mean subtraction, so no rescale here
train_gen = ImageDataGenerator(
    preprocessing_function=preprocess_input,
    rotation_range=360,
    horizontal_flip=True,
    vertical_flip=True,
    zoom_range=0.1,
    fill_mode="constant",
)
valid_gen = ImageDataGenerator(preprocessing_function=preprocess_input)

common = dict(directory=IMAGES, x_col="id_code", y_col="diagnosis", target_size=(IMG, IMG),
              class_mode="categorical", batch_size=BATCH)
train_flow = train_gen.flow_from_dataframe(train_df, shuffle=True, seed=SEED, **common)
valid_flow = valid_gen.flow_from_dataframe(valid_df, shuffle=False, **common)

y = train_df["diagnosis"].astype(int)
weights = compute_class_weight("balanced", classes=np.unique(y), y=y)
class_weight = dict(enumerate(weights))

base = ResNet50(weights="imagenet", include_top=False, input_shape=(IMG, IMG, 3))
x = GlobalAveragePooling2D()(base.output)
x = Dropout(0.5)(x)
x = Dense(256, activation="relu")(x)
x = Dropout(0.3)(x)
out = Dense(5, activation="softmax")(x)
model = Model(base.input, out)


def compile_it(lr):
    model.compile(optimizer=Adam(learning_rate=lr), loss="categorical_crossentropy", metrics=["accuracy"])


# ---- stage 1: head only
base.trainable = False
compile_it(1e-3)
model.fit(train_flow, validation_data=valid_flow, epochs=4, class_weight=class_weight,
          callbacks=[CSVLogger("stage1.csv")])

# ---- stage 2: conv5 as well; batch norm layers stay as they are
base.trainable = True
reached = False
for layer in base.layers:
    reached = reached or layer.name.startswith("conv5_block1")
    layer.trainable = reached and not isinstance(layer, BatchNormalization)
compile_it(1e-5)

callbacks = [
    ModelCheckpoint("retina_best.keras", monitor="val_loss", save_best_only=True),
    ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3, min_lr=1e-7, verbose=1),
    EarlyStopping(monitor="val_loss", patience=7, restore_best_weights=True),
    CSVLogger("stage2.csv"),
]
model.fit(train_flow, validation_data=valid_flow, epochs=30, class_weight=class_weight, callbacks=callbacks)

valid_flow.reset()
p = model.predict(valid_flow)
print("agreement:", np.mean(p.argmax(1) == np.array(valid_flow.classes)))
