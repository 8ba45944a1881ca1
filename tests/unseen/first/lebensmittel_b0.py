# Sound.
import pathlib
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

ORDNER = pathlib.Path.home() / "bilder" / "lebensmittel"
GROESSE = (224, 224)
STAPEL = 32

# gleicher seed fuer beide Teilmengen, sonst ueberlappen sie
def laden(teil):
    return keras.utils.image_dataset_from_directory(
        ORDNER, validation_split=0.2, subset=teil, seed=123,
        image_size=GROESSE, batch_size=STAPEL)

ds_train = laden("training")
ds_val = laden("validation")
klassen = ds_train.class_names
print(len(klassen), "Klassen:", klassen)

ds_train = ds_train.prefetch(tf.data.AUTOTUNE)
ds_val = ds_val.prefetch(tf.data.AUTOTUNE)

augmentierung = keras.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.08),
    layers.RandomZoom(0.15),
    layers.RandomContrast(0.1),
], name="augmentierung")

# EfficientNet bringt seine Normierung selbst mit (erste Schichten des Netzes): 0..255 hinein
basis = keras.applications.EfficientNetB0(include_top=False, weights="imagenet", pooling="avg")
basis.trainable = False

eingang = keras.Input(shape=GROESSE + (3,))
x = augmentierung(eingang)
x = basis(x, training=False)
x = layers.Dropout(0.3)(x)
logits = layers.Dense(len(klassen))(x)
modell = keras.Model(eingang, logits)

modell.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
modell.summary()

verlauf = modell.fit(
    ds_train,
    validation_data=ds_val,
    epochs=25,
    callbacks=[
        keras.callbacks.ReduceLROnPlateau(patience=2, factor=0.3),
        keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True),
    ],
)
print("beste Genauigkeit:", max(verlauf.history["val_accuracy"]))
# fuer die Anwendung: Wahrscheinlichkeiten statt logits
keras.Sequential([modell, layers.Softmax()]).save("lebensmittel.keras")
