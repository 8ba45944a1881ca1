# Mülltrennung: Bilder in Ordnern (data/trash/<klasse>/*.jpg), Transfer Learning mit ResNet50V2
import json
import pathlib

import tensorflow as tf
from tensorflow import keras

DATA = pathlib.Path("data/trash")
KLASSEN = ["cardboard", "glass", "metal", "paper", "plastic", "trash"]
GROESSE = (224, 224)
BS = 32
SEED = 2021
OUT = pathlib.Path("runs/trash")
OUT.mkdir(parents=True, exist_ok=True)

keras.utils.set_random_seed(SEED)


def lade(teil):
    return keras.utils.image_dataset_from_directory(
        DATA,
        labels="inferred",
        label_mode="categorical",
        class_names=KLASSEN,
        validation_split=0.2,
        subset=teil,
        seed=SEED,
        image_size=GROESSE,
        batch_size=BS,
    )


train_ds = lade("training").prefetch(tf.data.AUTOTUNE)
val_ds = lade("validation").prefetch(tf.data.AUTOTUNE)

# Augmentierung steckt im Modell und wirkt nur beim Training
augment = keras.Sequential(
    [
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation(0.05),
        keras.layers.RandomZoom(0.1),
    ],
    name="augment",
)

basis = keras.applications.ResNet50V2(include_top=False, weights="imagenet", input_shape=GROESSE + (3,))
basis.trainable = False

eingang = keras.Input(GROESSE + (3,))
x = augment(eingang)
x = keras.applications.resnet_v2.preprocess_input(x)   # nach [-1, 1]
x = basis(x, training=False)                           # BN bleibt immer im Inferenzmodus
x = keras.layers.GlobalAveragePooling2D()(x)
x = keras.layers.Dropout(0.3)(x)
ausgang = keras.layers.Dense(len(KLASSEN), activation="softmax")(x)
model = keras.Model(eingang, ausgang)


def compile_model(lr):
    model.compile(
        optimizer=keras.optimizers.Adam(lr),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )


# ---- Phase 1: nur der Kopf
compile_model(1e-3)
h1 = model.fit(train_ds, validation_data=val_ds, epochs=8)

# ---- Phase 2: conv5 freigeben, danach neu kompilieren
basis.trainable = True
for layer in basis.layers:
    if not layer.name.startswith(("conv5", "post")):
        layer.trainable = False
compile_model(1e-5)

callbacks = [
    keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True),
    keras.callbacks.CSVLogger(str(OUT / "phase2.csv")),
]
h2 = model.fit(train_ds, validation_data=val_ds, epochs=20, callbacks=callbacks)

model.save(OUT / "model.keras")
with open(OUT / "history.json", "w") as f:
    json.dump(
        {k: [float(v) for v in h1.history[k] + h2.history[k]] for k in ("loss", "val_loss", "accuracy", "val_accuracy")},
        f, indent=2)
print("bester val_loss:", min(h2.history["val_loss"]))
