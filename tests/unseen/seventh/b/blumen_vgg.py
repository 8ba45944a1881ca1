# Blumenbestimmung mit VGG16, 17 Arten, ein Ordner je Art
import math
from tensorflow.keras.applications.vgg16 import VGG16, preprocess_input
from tensorflow.keras.callbacks import ReduceLROnPlateau, ModelCheckpoint
from tensorflow.keras.layers import Flatten, Dense, Dropout
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import RMSprop
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ORDNER = 'blumen17'
ANTEIL = 0.25
BREITE = HOEHE = 150
STAPEL = 20

# Beide Erzeuger teilen nach demselben Anteil; nur der erste verzerrt die Bilder
mit_zufall = ImageDataGenerator(preprocessing_function=preprocess_input, validation_split=ANTEIL,
                                rotation_range=30, zoom_range=0.2, width_shift_range=0.1,
                                height_shift_range=0.1, horizontal_flip=True)
ohne_zufall = ImageDataGenerator(preprocessing_function=preprocess_input, validation_split=ANTEIL)

lernen = mit_zufall.flow_from_directory(ORDNER, (HOEHE, BREITE), batch_size=STAPEL,
                                        class_mode='categorical', subset='training', seed=4)
pruefen = ohne_zufall.flow_from_directory(ORDNER, (HOEHE, BREITE), batch_size=STAPEL, shuffle=False,
                                          class_mode='categorical', subset='validation', seed=4)
assert lernen.class_indices == pruefen.class_indices

faltung = VGG16(weights='imagenet', include_top=False, input_shape=(HOEHE, BREITE, 3))
for schicht in faltung.layers:
    schicht.trainable = False

netz = Sequential([faltung,
                   Flatten(),
                   Dense(256, activation='relu'),
                   Dropout(0.5),
                   Dense(17, activation='softmax')])
netz.compile(RMSprop(learning_rate=1e-4), 'categorical_crossentropy', metrics=['acc'])

verlauf = netz.fit(lernen, epochs=45, validation_data=pruefen,
                   steps_per_epoch=math.ceil(lernen.samples / STAPEL),
                   callbacks=[ReduceLROnPlateau('val_loss', factor=0.3, patience=5),
                              ModelCheckpoint('blumen_vgg.h5', monitor='val_loss', save_best_only=True)])
print('Prüfgenauigkeit nach der letzten Runde: %.3f' % verlauf.history['val_acc'][-1])
