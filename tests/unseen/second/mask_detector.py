# Faulty: N202: the generators apply MobileNetV2's preprocess_input (to -1..1) and rescale by 1/255 on top of it.
# import the necessary packages
import os

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from tensorflow.keras.applications import MobileNetV2
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.layers import AveragePooling2D, Dense, Dropout, Flatten
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.image import ImageDataGenerator

# hyper parameters
INIT_LR = 1e-3
EPOCHS = 20
BS = 32
DATA = "masks"   # masks/train/{with,without,wrong}  masks/val/...

# what every image goes through, train or val
common = dict(
    preprocessing_function=preprocess_input,
    rescale=1.0 / 255,  # fault: N202
)

aug = ImageDataGenerator(
    rotation_range=20,
    zoom_range=0.15,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=0.15,
    horizontal_flip=True,
    fill_mode="nearest",
    **common
)
plain = ImageDataGenerator(**common)

trainGen = aug.flow_from_directory(
    os.path.join(DATA, "train"),
    target_size=(224, 224),
    batch_size=BS,
    class_mode="categorical",
    seed=42,
)
valGen = plain.flow_from_directory(
    os.path.join(DATA, "val"),
    target_size=(224, 224),
    batch_size=BS,
    class_mode="categorical",
    shuffle=False,
)

# backbone without the top
baseModel = MobileNetV2(weights="imagenet", include_top=False, input_shape=(224, 224, 3))
for layer in baseModel.layers:
    layer.trainable = False

# head
headModel = baseModel.output
headModel = AveragePooling2D(pool_size=(7, 7))(headModel)
headModel = Flatten(name="flatten")(headModel)
headModel = Dense(128, activation="relu")(headModel)
headModel = Dropout(0.5)(headModel)
headModel = Dense(3, activation="softmax")(headModel)
model = Model(inputs=baseModel.input, outputs=headModel)

print("[INFO] compiling model...")
model.compile(loss="categorical_crossentropy", optimizer=Adam(learning_rate=INIT_LR), metrics=["accuracy"])

print("[INFO] training head...")
H = model.fit(trainGen, validation_data=valGen, epochs=EPOCHS)

model.save("mask_detector.keras")

plt.figure()
for key in ("loss", "val_loss", "accuracy", "val_accuracy"):
    plt.plot(H.history[key], label=key)
plt.xlabel("Epoch #")
plt.legend(loc="lower left")
plt.savefig("plot.png")
