import os
import cv2
import numpy as np
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Input, Conv2D, MaxPooling2D, Flatten, Dense, Dropout
from tensorflow.keras.utils import to_categorical

# carpeta con una subcarpeta por cada tipo de flor
CARPETA = "flores"
TIPOS = ["diente_de_leon", "girasol", "margarita", "rosa", "tulipan"]
LADO = 100

imagenes = []
etiquetas = []
for numero, tipo in enumerate(TIPOS):
    ruta = os.path.join(CARPETA, tipo)
    print("cargando", tipo)
    for archivo in os.listdir(ruta):
        foto = cv2.imread(os.path.join(ruta, archivo))
        if foto is None:
            continue   # archivo roto
        foto = cv2.cvtColor(foto, cv2.COLOR_BGR2RGB)
        foto = cv2.resize(foto, (LADO, LADO))
        imagenes.append(foto)
        etiquetas.append(numero)

imagenes = np.array(imagenes, dtype="float32") / 255.0
etiquetas = to_categorical(np.array(etiquetas), 5)
print(imagenes.shape, etiquetas.shape)

red = Sequential()
red.add(Input(shape=(LADO, LADO, 3)))
red.add(Conv2D(32, 3, activation="relu"))
red.add(MaxPooling2D())
red.add(Conv2D(64, 3, activation="relu"))
red.add(MaxPooling2D())
red.add(Conv2D(128, 3, activation="relu"))
red.add(MaxPooling2D())
red.add(Flatten())
red.add(Dropout(0.5))
red.add(Dense(128, activation="relu"))
red.add(Dense(5, activation="softmax"))

red.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
red.summary()

# 20 % para validar
red.fit(imagenes, etiquetas, batch_size=32, epochs=25, shuffle=True, validation_split=0.2)  # fault: C330

red.save("flores.h5")
print("listo")
