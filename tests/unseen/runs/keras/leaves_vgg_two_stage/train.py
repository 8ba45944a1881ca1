"""Clasificador de animales con VGG16 en dos etapas: primero la cabeza, luego toda la red."""
import tensorflow as tf
from tensorflow.keras import callbacks, layers, models
from tensorflow.keras.applications import VGG16
from tensorflow.keras.applications.vgg16 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator

TAM = (112, 112)
CARPETA = "animals_hf"

gen = ImageDataGenerator(preprocessing_function=preprocess_input, rotation_range=20, zoom_range=0.2, horizontal_flip=True)
gen_val = ImageDataGenerator(preprocessing_function=preprocess_input)
train = gen.flow_from_directory(f"{CARPETA}/train", target_size=TAM, batch_size=32)
val = gen_val.flow_from_directory(f"{CARPETA}/validation", target_size=TAM, batch_size=32, shuffle=False)

base = VGG16(weights="weights/vgg16_notop.weights.h5", include_top=False, input_shape=TAM + (3,))


def congelar(red, si):
    for capa in red.layers:
        capa.trainable = not si


congelar(base, True)
model = models.Sequential()
model.add(base)
model.add(layers.Flatten())
model.add(layers.Dense(256, activation="relu"))
model.add(layers.Dropout(0.5))
model.add(layers.Dense(train.num_classes, activation="softmax"))
model.compile(optimizer=tf.keras.optimizers.Adam(1e-4), loss="categorical_crossentropy", metrics=["accuracy"])
model.summary()

parada = callbacks.EarlyStopping(patience=4, restore_best_weights=True)
model.fit(train, validation_data=val, epochs=20, callbacks=[parada])

# ahora toda la red
congelar(base, False)
model.summary()
model.fit(train, validation_data=val, epochs=30, callbacks=[parada])
model.save("animales_vgg.keras")
