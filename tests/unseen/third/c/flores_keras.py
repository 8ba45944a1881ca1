# Clasificador de flores (5 clases) con EfficientNetB0, paso a paso
import pathlib
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

AUTOTUNE = tf.data.AUTOTUNE
TAM = 224
LOTE = 32

# 1) datos
carpeta = pathlib.Path("datos/flower_photos")   # daisy, dandelion, roses, sunflowers, tulips

train_ds = keras.utils.image_dataset_from_directory(
    carpeta, validation_split=0.2, subset="training", seed=123,
    image_size=(TAM, TAM), batch_size=LOTE, label_mode="categorical")
val_ds = keras.utils.image_dataset_from_directory(
    carpeta, validation_split=0.2, subset="validation", seed=123,
    image_size=(TAM, TAM), batch_size=LOTE, label_mode="categorical")
clases = train_ds.class_names
print(clases)
assert len(clases) == 5

train_ds = train_ds.prefetch(AUTOTUNE)
val_ds = val_ds.cache().prefetch(AUTOTUNE)

# 2) aumento de datos (solo actua durante el entrenamiento)
aumento = keras.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.1),
    layers.RandomZoom(0.1),
])

# 3) modelo; EfficientNet de Keras lleva dentro su propia capa Rescaling y espera pixeles 0..255
base = keras.applications.EfficientNetB0(include_top=False, weights="imagenet", input_shape=(TAM, TAM, 3))
base.trainable = False

entrada = keras.Input((TAM, TAM, 3))
x = aumento(entrada)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.3)(x)
salida = layers.Dense(len(clases), activation="softmax")(x)
modelo = keras.Model(entrada, salida)

# 4) primero solo la cabeza
modelo.compile(optimizer=keras.optimizers.Adam(1e-3),
               loss="categorical_crossentropy", metrics=["accuracy"])
modelo.fit(train_ds, validation_data=val_ds, epochs=8)

# 5) ahora todo, con una tasa de aprendizaje pequeña (hay que compilar otra vez)
base.trainable = True
modelo.compile(optimizer=keras.optimizers.Adam(1e-5),
               loss="categorical_crossentropy", metrics=["accuracy"])
modelo.fit(train_ds, validation_data=val_ds, epochs=12)

print("val:", modelo.evaluate(val_ds, verbose=0))
modelo.save("flores_b0.keras")
