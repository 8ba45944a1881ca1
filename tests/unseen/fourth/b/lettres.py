# -*- coding: utf-8 -*-
"""Lettres manuscrites (26 classes), TF 2.9, boucle d'apprentissage explicite.

Le fichier lettres.npz contient 'images' (n, 28, 28) en uint8 et 'lettres' (n,) de 1 à 26.
"""
import math

import numpy as np
from tensorflow.keras import Input, Model
from tensorflow.keras import backend as K
from tensorflow.keras.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU
from tensorflow.keras.optimizers import SGD
from tensorflow.keras.preprocessing.image import ImageDataGenerator

TAILLE_LOT = 128
NB_EPOQUES = 36

hasard = np.random.RandomState(1789)


def charger(chemin='lettres.npz'):
    paquet = np.load(chemin)
    x = paquet['images'].astype('float32')[..., np.newaxis]
    y = paquet['lettres'].astype('int32') - 1
    # mélange, puis un dixième pour la validation
    ordre = hasard.permutation(len(x))
    coupe = len(x) // 10
    v, a = ordre[:coupe], ordre[coupe:]
    return (x[a], y[a]), (x[v], y[v])


def etage(t, filtres):
    for _ in range(2):
        t = Conv2D(filtres, 3, padding='same', use_bias=False)(t)
        t = BatchNormalization()(t)
        t = ReLU()(t)
    return MaxPooling2D()(t)


def reseau():
    entree = Input((28, 28, 1))
    t = etage(entree, 32)
    t = etage(t, 64)
    t = Flatten()(t)
    t = Dense(128, activation='relu')(t)
    t = Dropout(0.4)(t)
    sortie = Dense(26, activation='softmax')(t)
    return Model(entree, sortie)


(x_app, y_app), (x_val, y_val) = charger()
print(x_app.shape, x_val.shape)

gen_app = ImageDataGenerator(rescale=1 / 255., rotation_range=8)
gen_val = ImageDataGenerator(rescale=1 / 255.)
flux = gen_app.flow(x_app, y_app, batch_size=TAILLE_LOT, shuffle=True, seed=1789)
flux_val = gen_val.flow(x_val, y_val, batch_size=TAILLE_LOT, shuffle=False)
pas = math.ceil(len(x_app) / TAILLE_LOT)
pas_val = math.ceil(len(x_val) / TAILLE_LOT)

modele = reseau()
modele.compile(optimizer=SGD(learning_rate=0.02, momentum=0.9, nesterov=True),
               loss='sparse_categorical_crossentropy')

for epoque in range(NB_EPOQUES):
    if epoque in (20, 30):
        taux = float(K.get_value(modele.optimizer.learning_rate)) * 0.1
        K.set_value(modele.optimizer.learning_rate, taux)
        print('taux ->', taux)

    total, vus = 0.0, 0
    for _ in range(pas):
        xb, yb = next(flux)
        total += modele.train_on_batch(xb, yb) * len(yb)
        vus += len(yb)

    justes = 0
    for k in range(pas_val):
        xb, yb = flux_val[k]
        justes += int((modele.predict_on_batch(xb).argmax(axis=1) == yb).sum())

    print('époque %d : perte %.4f, validation %.2f %%'
          % (epoque + 1, total / vus, 100.0 * justes / len(x_val)))

modele.save('lettres.h5')
