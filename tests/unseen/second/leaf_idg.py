# Faulty: N209: the validation subset is drawn from the same augmenting ImageDataGenerator as the training subset.
# coding: utf-8

# # Rice leaf disease - CNN from scratch
# In[1]:
import numpy as np
import pandas as pd
from tensorflow.keras import Sequential, Input
from tensorflow.keras.layers import (Conv2D, MaxPooling2D, BatchNormalization,
                                     Dropout, Dense, GlobalAveragePooling2D)
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.callbacks import ReduceLROnPlateau, ModelCheckpoint

# In[2]:
IMG = 128
BATCH = 16
CLASSES = ["bacterial_blight", "blast", "brown_spot", "healthy", "tungro"]

# In[3]:
datagen = ImageDataGenerator(
    rescale=1./255,
    rotation_range=30,
    zoom_range=0.2,
    brightness_range=(0.7, 1.3),
    horizontal_flip=True,
    vertical_flip=True,
    validation_split=0.2,
)

train_gen = datagen.flow_from_directory(
    "../input/rice-leaf/images",
    target_size=(IMG, IMG),
    batch_size=BATCH,
    classes=CLASSES,
    class_mode="sparse",
    subset="training",
    seed=3,
)
val_gen = datagen.flow_from_directory(  # fault: N209
    "../input/rice-leaf/images",
    target_size=(IMG, IMG),
    batch_size=BATCH,
    classes=CLASSES,
    class_mode="sparse",
    subset="validation",
    shuffle=False,
    seed=3,
)

# In[4]:
def conv(f):
    return [
        Conv2D(f, 3, padding="same", activation="relu"),
        BatchNormalization(),
        MaxPooling2D(),
    ]

model = Sequential(
    [Input((IMG, IMG, 3))]
    + conv(32) + conv(64) + conv(128) + conv(256)
    + [GlobalAveragePooling2D(), Dropout(0.4), Dense(len(CLASSES), activation="softmax")]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()

# In[5]:
hist = model.fit(
    train_gen,
    epochs=60,
    validation_data=val_gen,
    callbacks=[
        ReduceLROnPlateau(patience=5, factor=0.5, verbose=1),
        ModelCheckpoint("rice.keras", monitor="val_accuracy", save_best_only=True),
    ],
)

# In[6]:
pd.DataFrame(hist.history).to_csv("history.csv", index=False)
print("best val acc", np.max(hist.history["val_accuracy"]))
