# Faulty: N201: MobileNetV2 expects -1..1, the 0..255 pixels of the directory reader go in as they are
# Triage des déchets - classification en 6 catégories (TrashNet)
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import tensorflow as tf

CHEMIN = "./dataset-resized"
TAILLE = (224, 224)
LOT = 32
EPOQUES = 15
AJUST = 10          # époques d'ajustement fin

entrainement = tf.keras.utils.image_dataset_from_directory(
    CHEMIN, validation_split=0.2, subset="training", seed=77,
    image_size=TAILLE, batch_size=LOT, label_mode="int")
validation = tf.keras.utils.image_dataset_from_directory(
    CHEMIN, validation_split=0.2, subset="validation", seed=77,
    image_size=TAILLE, batch_size=LOT, label_mode="int")

noms = entrainement.class_names
assert len(noms) == 6

entrainement = entrainement.prefetch(tf.data.AUTOTUNE)
validation = validation.prefetch(tf.data.AUTOTUNE)

augmenter = tf.keras.Sequential([
    tf.keras.layers.RandomFlip("horizontal_and_vertical"),
    tf.keras.layers.RandomRotation(0.2),
])

base = tf.keras.applications.MobileNetV2(input_shape=TAILLE + (3,), include_top=False, weights="imagenet")
base.trainable = False

entree = tf.keras.Input(shape=TAILLE + (3,))
x = augmenter(entree)
x = base(x, training=False)  # fault: N201
x = tf.keras.layers.GlobalAveragePooling2D()(x)
x = tf.keras.layers.Dropout(0.25)(x)
sortie = tf.keras.layers.Dense(6, activation="softmax")(x)
modele = tf.keras.Model(entree, sortie)

modele.compile(optimizer=tf.keras.optimizers.RMSprop(1e-3),
               loss=tf.keras.losses.SparseCategoricalCrossentropy(),
               metrics=["accuracy"])
h1 = modele.fit(entrainement, validation_data=validation, epochs=EPOQUES)

# --- ajustement fin : les couches hautes seulement
base.trainable = True
for couche in base.layers[:100]:
    couche.trainable = False

modele.compile(optimizer=tf.keras.optimizers.RMSprop(1e-5),
               loss=tf.keras.losses.SparseCategoricalCrossentropy(),
               metrics=["accuracy"])
h2 = modele.fit(entrainement, validation_data=validation,
                initial_epoch=EPOQUES, epochs=EPOQUES + AJUST)

courbe = h1.history["val_accuracy"] + h2.history["val_accuracy"]
plt.plot(courbe)
plt.axvline(EPOQUES, ls="--")
plt.title("exactitude en validation")
plt.savefig("courbe.png")
modele.save("dechets.keras")
