# Verkehrszeichen (GTSRB, Kaggle-Version): kleines CNN mit Keras
import os
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, MaxPool2D, Dense, Flatten, Dropout, BatchNormalization
from tensorflow.keras.preprocessing.image import ImageDataGenerator, load_img, img_to_array
from tensorflow.keras.callbacks import EarlyStopping, ReduceLROnPlateau
from sklearn.metrics import accuracy_score, classification_report

DATA = "gtsrb-german-traffic-sign"
TRAIN_DIR = os.path.join(DATA, "Train")
SIZE = 48
BATCH = 64
EPOCHS = 30
NUM_CLASSES = 43

tf.random.set_seed(2021)
np.random.seed(2021)

# Ordner 0 ... 42
classes = sorted(os.listdir(TRAIN_DIR))  # fault: C329
print(len(classes), "Klassen")

# keine Spiegelung: links/rechts hat bei Schildern Bedeutung
augment = ImageDataGenerator(
    rescale=1 / 255.0,
    rotation_range=10,
    zoom_range=0.15,
    width_shift_range=0.1,
    height_shift_range=0.1,
    validation_split=0.2,
)
plain = ImageDataGenerator(rescale=1 / 255.0, validation_split=0.2)

train_gen = augment.flow_from_directory(
    TRAIN_DIR, target_size=(SIZE, SIZE), classes=classes, class_mode="sparse",
    batch_size=BATCH, subset="training", seed=2021)
val_gen = plain.flow_from_directory(
    TRAIN_DIR, target_size=(SIZE, SIZE), classes=classes, class_mode="sparse",
    batch_size=BATCH, subset="validation", shuffle=False)

model = Sequential()
model.add(Conv2D(32, (5, 5), activation="relu", padding="same", input_shape=(SIZE, SIZE, 3)))
model.add(BatchNormalization())
model.add(Conv2D(32, (3, 3), activation="relu", padding="same"))
model.add(MaxPool2D())
model.add(Dropout(0.2))
model.add(Conv2D(64, (3, 3), activation="relu", padding="same"))
model.add(BatchNormalization())
model.add(Conv2D(64, (3, 3), activation="relu", padding="same"))
model.add(MaxPool2D())
model.add(Dropout(0.2))
model.add(Flatten())
model.add(Dense(256, activation="relu"))
model.add(Dropout(0.5))
model.add(Dense(NUM_CLASSES, activation="softmax"))
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.001),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()

model.fit(
    train_gen,
    validation_data=val_gen,
    epochs=EPOCHS,
    callbacks=[
        ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3),
        EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True),
    ],
)
model.save("schilder.h5")

# offizieller Testsatz: Test.csv mit den Spalten ClassId und Path
test = pd.read_csv(os.path.join(DATA, "Test.csv"))
bilder = np.stack([
    img_to_array(load_img(os.path.join(DATA, p), target_size=(SIZE, SIZE))) / 255.0
    for p in test["Path"]
])
vorhersage = np.argmax(model.predict(bilder, batch_size=256), axis=1)
wahr = test["ClassId"].to_numpy()
print("Test-Genauigkeit:", accuracy_score(wahr, vorhersage))
print(classification_report(wahr, vorhersage))
