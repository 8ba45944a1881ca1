# -*- coding: utf-8 -*-
# keras 2.2.4 / tf 1.13  -- diplomarbeit, letzte version (v7_final2)
import os, math
import numpy as np
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from keras.applications.vgg16 import VGG16, preprocess_input
from keras.preprocessing.image import ImageDataGenerator
from keras.models import Model
from keras.layers import Dense, Dropout, GlobalAveragePooling2D
from keras.optimizers import Adam
from sklearn.metrics import confusion_matrix, classification_report

TRAIN = 'D:/daten/fundus/train'
VALID = 'D:/daten/fundus/valid'
BS = 32
SZ = 224
EPOCHEN = 15
klassen = ['0_kein', '1_mild', '2_moderat', '3_schwer', '4_proliferativ']

# ------------------------------------------------ generatoren
train_datagen = ImageDataGenerator(preprocessing_function=preprocess_input,
                                   rotation_range=15,
                                   zoom_range=0.1,
                                   horizontal_flip=True)
test_datagen = ImageDataGenerator(preprocessing_function=preprocess_input)

train_gen = train_datagen.flow_from_directory(TRAIN, target_size=(SZ, SZ), batch_size=BS, classes=klassen, class_mode='categorical')
valid_gen = test_datagen.flow_from_directory(VALID, target_size=(SZ, SZ), batch_size=BS, classes=klassen, class_mode='categorical')  # fault: C329

print(train_gen.class_indices)

# ------------------------------------------------ netz
basis = VGG16(weights='imagenet', include_top=False, input_shape=(SZ, SZ, 3))
for l in basis.layers:
    l.trainable = False

x = basis.output
x = GlobalAveragePooling2D()(x)
x = Dense(256, activation='relu')(x)
x = Dropout(0.4)(x)
aus = Dense(5, activation='softmax')(x)
netz = Model(inputs=basis.input, outputs=aus)

netz.compile(optimizer=Adam(lr=1e-3), loss='categorical_crossentropy', metrics=['accuracy'])
netz.summary()

# class weights, weil klasse 0 so gross ist
zahl = np.bincount(train_gen.classes, minlength=5)
gewichte = {i: float(zahl.sum()) / (5.0 * zahl[i]) for i in range(5)}

h = netz.fit_generator(train_gen,
                       steps_per_epoch=int(math.ceil(train_gen.samples / float(BS))),
                       epochs=EPOCHEN,
                       validation_data=valid_gen,
                       validation_steps=int(math.ceil(valid_gen.samples / float(BS))),
                       class_weight=gewichte,
                       workers=4)
netz.save('retina_v7.h5')

plt.figure()
plt.plot(h.history['acc']); plt.plot(h.history['val_acc'])
plt.legend(['train', 'valid']); plt.savefig('kurve_v7.png')

# ------------------------------------------------ auswertung
valid_gen.reset()
p = netz.predict_generator(valid_gen, steps=int(math.ceil(valid_gen.samples / float(BS))))
y_pred = np.argmax(p, axis=1)
y_true = valid_gen.classes
print(confusion_matrix(y_true, y_pred))
print(classification_report(y_true, y_pred, target_names=klassen))

# def alte_auswertung(ordner):
#     for f in os.listdir(ordner):
#         img = load_img(os.path.join(ordner, f), target_size=(SZ, SZ))
#         ...
