# -*- coding: utf-8 -*-
# Panneaux routiers (GTSRB), Keras 2.1.6 / TF 1.8
# usage : python panneaux_gtsrb.py dossier_donnees
from __future__ import print_function
import sys
import numpy as np
from keras import backend as K
from keras.callbacks import CSVLogger, ModelCheckpoint
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import SGD
from keras.preprocessing.image import ImageDataGenerator

np.random.seed(1337)
dossier = sys.argv[1]
taille = 48
lot = 64
nb_epoques = 40

assert K.image_data_format() == 'channels_last'

# pas de miroir : un panneau "tourner à gauche" deviendrait "à droite"
gen_app = ImageDataGenerator(rescale=1. / 255, rotation_range=10, width_shift_range=0.1,
                             height_shift_range=0.1, zoom_range=0.15)
gen_val = ImageDataGenerator(rescale=1. / 255)

flux_app = gen_app.flow_from_directory(dossier + '/apprentissage', target_size=(taille, taille),
                                       batch_size=lot, class_mode='categorical')
flux_val = gen_val.flow_from_directory(dossier + '/validation', target_size=(taille, taille),
                                       batch_size=lot, class_mode='categorical', shuffle=False)

modele = Sequential()
modele.add(Conv2D(32, (5, 5), padding='same', input_shape=(taille, taille, 3)))
modele.add(Activation('relu'))
modele.add(Conv2D(32, (3, 3)))
modele.add(Activation('relu'))
modele.add(MaxPooling2D(pool_size=(2, 2)))
modele.add(Dropout(0.2))

modele.add(Conv2D(64, (3, 3), padding='same'))
modele.add(Activation('relu'))
modele.add(Conv2D(64, (3, 3)))
modele.add(Activation('relu'))
modele.add(MaxPooling2D(pool_size=(2, 2)))
modele.add(Dropout(0.2))

# classifieur
modele.add(Flatten())
modele.add(Dense(512))  # fault: C338
modele.add(Dropout(0.5))
modele.add(Dense(256))
modele.add(Dropout(0.5))
modele.add(Dense(43))
modele.add(Activation('softmax'))

modele.compile(loss='categorical_crossentropy',
               optimizer=SGD(lr=0.01, momentum=0.9, nesterov=True),
               metrics=['accuracy'])

modele.fit_generator(flux_app,
                     steps_per_epoch=int(np.ceil(flux_app.samples / float(lot))),
                     epochs=nb_epoques,
                     validation_data=flux_val,
                     validation_steps=int(np.ceil(flux_val.samples / float(lot))),
                     callbacks=[CSVLogger('journal.csv'),
                                ModelCheckpoint('panneaux.h5', monitor='val_acc', save_best_only=True)])
