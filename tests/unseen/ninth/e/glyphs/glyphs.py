# Lettres manuscrites (a-z) : petit CNN, deux phases d'apprentissage
import string

import numpy as np
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

from reader import COTE, charger_table, jeu

ALPHABET = list(string.ascii_lowercase)
LOT = 100
GRAINE = 3

keras.utils.set_random_seed(GRAINE)

chemins, y = charger_table("annotations/train.csv", "imagettes/train", ALPHABET)
c_tr, c_va, y_tr, y_va = train_test_split(chemins, y, test_size=0.1, stratify=y, random_state=GRAINE)
c_te, y_te = charger_table("annotations/test.csv", "imagettes/test", ALPHABET)

train = jeu(c_tr, y_tr, LOT, True)
val = jeu(c_va, y_va, LOT, False)
test = jeu(c_te, y_te, LOT, False)

model = keras.Sequential([
    keras.Input((COTE, COTE, 1)),
    layers.Rescaling(1.0 / 255),
    layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
    layers.RandomRotation(0.03, fill_mode="nearest"),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, padding="same", activation="relu"),
    layers.Conv2D(64, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(128, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dropout(0.4),
    layers.Dense(192, activation="relu"),
    layers.Dropout(0.4),
    layers.Dense(len(ALPHABET), activation="softmax"),
])
model.summary()

# phase 1
model.compile(optimizer=keras.optimizers.Adam(1e-3),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=25)

# phase 2 : même réseau, pas dix fois plus petit, on garde les meilleurs poids
model.compile(optimizer=keras.optimizers.Adam(1e-4),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=15,
          callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)])

perte, exactitude = model.evaluate(test)
print(f"test : perte {perte:.4f}  exactitude {exactitude:.4f}")

# confusions les plus fréquentes
pred = model.predict(test).argmax(axis=1)
mat = np.zeros((26, 26), int)
np.add.at(mat, (y_te, pred), 1)
np.fill_diagonal(mat, 0)
for k in np.argsort(mat.ravel())[::-1][:10]:
    i, j = divmod(int(k), 26)
    print(ALPHABET[i], "->", ALPHABET[j], mat[i, j])

model.save("glyphs.keras")
