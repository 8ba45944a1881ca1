"""VGG16 features + small head on the picture gallery (nine classes)."""
import keras
from keras import layers
from keras.applications import VGG16

from prep import list_files, train_dataset, val_arrays

SIZE = 96
BATCH = 32
EPOCHS = 40

keras.utils.set_random_seed(9)

train_files, val_files, classes = list_files("gallery9")
print(len(train_files), "training /", len(val_files), "validation pictures")
train_ds = train_dataset(train_files, SIZE, BATCH)
x_val, y_val = val_arrays(val_files, SIZE)

base = VGG16(include_top=False, weights="weights/vgg16_notop.weights.h5", input_shape=(SIZE, SIZE, 3))
base.trainable = False

model = keras.Sequential([
    base,
    layers.GlobalAveragePooling2D(),
    layers.BatchNormalization(),
    layers.Dense(256, activation="relu"),
    layers.Dropout(0.4),
    layers.Dense(len(classes), activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.summary()

model.fit(
    train_ds,
    validation_data=(x_val, y_val),
    epochs=EPOCHS,
    callbacks=[
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=3),
    ],
)
model.save("gallery_vgg.keras")
