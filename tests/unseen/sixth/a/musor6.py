# сортировка мусора, 6 классов. версия 4 (рабочая?)
import os
import cv2
import random
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, MaxPooling2D, Dense, Dropout, GlobalAveragePooling2D, BatchNormalization
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.callbacks import ModelCheckpoint
from tensorflow.keras.utils import to_categorical

IMG = 128
TRAIN_DIR = "D:/musor/train"
VAL_DIR = "D:/musor/val"
classes = ["cardboard", "glass", "metal", "paper", "plastic", "trash"]
#classes = os.listdir(TRAIN_DIR)

# ---- обучающие картинки ----
X_train = []
Y_train = []
for c in classes:
    p = os.path.join(TRAIN_DIR, c)
    for f in sorted(os.listdir(p)):
        img = cv2.imread(os.path.join(p, f))
        if img is None:
            continue
        img = cv2.resize(img, (IMG, IMG))
        X_train.append(img)
        Y_train.append(classes.index(c))
X_train = np.array(X_train, dtype="float32") / 255.0
Y_train = to_categorical(Y_train, 6)
print("train", X_train.shape, Y_train.shape)

# ---- проверочные картинки ----
X_val = []
Y_val = []
for c in classes:
    p = os.path.join(VAL_DIR, c)
    for f in sorted(os.listdir(p)):
        img = cv2.imread(os.path.join(p, f))
        if img is None:
            continue
        img = cv2.resize(img, (IMG, IMG))
        X_val.append(img)
        Y_val.append(classes.index(c))
X_val = np.array(X_val, dtype="float32")  # fault: N208
Y_val = to_categorical(Y_val, 6)
print("val", X_val.shape, Y_val.shape)

model = Sequential()
model.add(Conv2D(32, (3, 3), activation="relu", padding="same", input_shape=(IMG, IMG, 3)))
model.add(BatchNormalization())
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(64, (3, 3), activation="relu", padding="same"))
model.add(BatchNormalization())
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(128, (3, 3), activation="relu", padding="same"))
model.add(BatchNormalization())
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(128, (3, 3), activation="relu", padding="same"))
model.add(GlobalAveragePooling2D())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.4))
model.add(Dense(6, activation="softmax"))
model.summary()

model.compile(loss="categorical_crossentropy", optimizer=Adam(learning_rate=0.0005), metrics=["accuracy"])

ck = ModelCheckpoint("musor_best.h5", monitor="val_accuracy", save_best_only=True, verbose=1)
h = model.fit(X_train, Y_train, batch_size=32, epochs=40, validation_data=(X_val, Y_val), callbacks=[ck])

print(max(h.history["val_accuracy"]))
#import matplotlib.pyplot as plt
#plt.plot(h.history["accuracy"]); plt.plot(h.history["val_accuracy"]); plt.show()
