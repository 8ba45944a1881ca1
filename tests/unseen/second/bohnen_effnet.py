# Sound.
"""Blattkrankheiten bei Bohnen, drei Klassen.

Aufruf:  python bohnen_effnet.py
Ordner:  daten/bohnen/{train,val,test}/<klasse>/*.jpg
"""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

WURZEL = "daten/bohnen"
KANTE = 224
STAPEL = 32
KLASSEN = 3
RUNDEN_KOPF = 10
RUNDEN_FEIN = 15

keras.utils.set_random_seed(17)


def lade(teil, mischen):
    ds = keras.utils.image_dataset_from_directory(
        f"{WURZEL}/{teil}",
        image_size=(KANTE, KANTE),
        batch_size=STAPEL,
        label_mode="int",
        shuffle=mischen,
        seed=17,
    )
    return ds.prefetch(tf.data.AUTOTUNE)


lern = lade("train", True)
pruef = lade("val", False)
test = lade("test", False)

# EfficientNet aus keras.applications bringt seine eigene Skalierung mit,
# deshalb gehen hier die Pixel von 0 bis 255 hinein.
rumpf = keras.applications.EfficientNetB0(
    include_top=False, weights="imagenet", input_shape=(KANTE, KANTE, 3)
)
rumpf.trainable = False

zufall = keras.Sequential(
    [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.15),
    ],
    name="zufall",
)

ein = keras.Input((KANTE, KANTE, 3))
x = zufall(ein)
x = rumpf(x, training=False)      # BatchNorm bleibt auch spaeter im Inferenzmodus
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.3)(x)
aus = layers.Dense(KLASSEN)(x)
netz = keras.Model(ein, aus)


def uebersetze(rate):
    netz.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


# --- Stufe 1: nur der Kopf
uebersetze(1e-3)
netz.fit(lern, validation_data=pruef, epochs=RUNDEN_KOPF)

# --- Stufe 2: alles, aber ganz vorsichtig
rumpf.trainable = True
uebersetze(1e-5)
halt = keras.callbacks.EarlyStopping(
    monitor="val_loss", patience=4, restore_best_weights=True
)
netz.fit(
    lern,
    validation_data=pruef,
    initial_epoch=RUNDEN_KOPF,
    epochs=RUNDEN_KOPF + RUNDEN_FEIN,
    callbacks=[halt],
)

verlust, treffer = netz.evaluate(test)
print(f"Test: {treffer:.4f} (Verlust {verlust:.4f})")
netz.save("bohnen_b0.keras")
