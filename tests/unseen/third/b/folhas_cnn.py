# -*- coding: utf-8 -*-
# Trabalho de conclusão - classificação de doenças em folhas de café
import os

import numpy as np
from PIL import Image
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

PASTA = 'dados/treino'
PASTA_TESTE = 'dados/teste'
TAM = 96
CLASSES = ['bicho_mineiro', 'cercospora', 'ferrugem', 'saudavel']

keras.utils.set_random_seed(10)


def carregar(pasta):
    """Lê todas as imagens da pasta, uma subpasta por classe."""
    X, y = [], []
    for numero, nome in enumerate(CLASSES):
        sub = os.path.join(pasta, nome)
        for arq in sorted(os.listdir(sub)):
            im = Image.open(os.path.join(sub, arq)).convert('RGB')
            X.append(np.array(im.resize((TAM, TAM))))
            y.append(numero)
    return np.array(X, dtype='float32'), np.array(y)


def aumentar(X, y):
    """Temos poucas fotos: junta espelhadas e giradas 90 e 180 graus."""
    copias = [X,
              X[:, :, ::-1],
              np.rot90(X, 1, axes=(1, 2)),
              np.rot90(X, 2, axes=(1, 2))]
    return np.concatenate(copias), np.tile(y, len(copias))


X, y = carregar(PASTA)
print('fotos originais:', X.shape)
X, y = aumentar(X, y)
print('depois de aumentar:', X.shape)
X = X / 255.0

X_tr, X_val, y_tr, y_val = train_test_split(X, y, test_size=0.2, stratify=y, random_state=10)  # fault: C331

modelo = keras.Sequential([
    keras.Input(shape=(TAM, TAM, 3)),
    layers.Conv2D(32, 3, activation='relu', padding='same'),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, activation='relu', padding='same'),
    layers.MaxPooling2D(),
    layers.Conv2D(128, 3, activation='relu', padding='same'),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(128, activation='relu'),
    layers.Dropout(0.5),
    layers.Dense(4, activation='softmax'),
])
modelo.compile(optimizer=keras.optimizers.Adam(),
               loss='sparse_categorical_crossentropy',
               metrics=['accuracy'])
modelo.summary()

parar = keras.callbacks.EarlyStopping(monitor='val_loss', patience=6, restore_best_weights=True)
hist = modelo.fit(X_tr, y_tr, batch_size=32, epochs=40,
                  validation_data=(X_val, y_val), callbacks=[parar])

print('melhor acurácia de validação:', max(hist.history['val_accuracy']))

X_te, y_te = carregar(PASTA_TESTE)
perda, acc = modelo.evaluate(X_te / 255.0, y_te)
print('teste:', acc)
modelo.save('folhas.keras')
