"""Eight kinds of objects, Keras 3, folders of pictures."""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
from keras import layers

p = argparse.ArgumentParser()
p.add_argument("--data", default="catalogue")
p.add_argument("--epochs", type=int, default=40)
p.add_argument("--size", type=int, default=64)
p.add_argument("--batch", type=int, default=32)
args = p.parse_args()

keras.utils.set_random_seed(11)


def load(part, shuffle):
    return keras.utils.image_dataset_from_directory(
        os.path.join(args.data, part),
        label_mode="int",
        image_size=(args.size, args.size),
        batch_size=args.batch,
        shuffle=shuffle,
        seed=11,
    )


train_ds = load("training", True)
val_ds = load("holdout", False)
names = train_ds.class_names
print("classes:", names)

train_ds = train_ds.prefetch(2)
val_ds = val_ds.cache().prefetch(2)


def block(x, filters):
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Activation("relu")(y)
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    skip = layers.Conv2D(filters, 1, strides=2, padding="same")(x)
    return layers.add([y, skip])


inputs = keras.Input((args.size, args.size, 3))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.RandomTranslation(0.08, 0.08)(x)
x = layers.Rescaling(1.0 / 255)(x)
x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)
x = layers.BatchNormalization()(x)
x = layers.Activation("relu")(x)
for f in (64, 128, 192):
    x = block(x, f)
x = layers.Activation("relu")(x)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.3)(x)
outputs = layers.Dense(len(names), activation="softmax")(x)
model = keras.Model(inputs, outputs)

model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.summary()

callbacks = [
    keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=4),
    keras.callbacks.ModelCheckpoint("catalogue_best.keras", monitor="val_accuracy", save_best_only=True),
]
model.fit(train_ds, validation_data=val_ds, epochs=args.epochs, callbacks=callbacks, verbose=2)
