# Clasificación de plantas de vivero a partir de fotos del móvil
# Universidad - proyecto de innovación docente
import pathlib

import tensorflow as tf
from tensorflow.keras import layers

RUTA = pathlib.Path("~/viveros/fotos").expanduser()
TAM = 128
LOTE = 32
EPOCAS = 40
SEMILLA = 21

# ---------------------------------------------------------------- datos
opciones = dict(validation_split=0.2, seed=SEMILLA, image_size=(TAM, TAM), batch_size=LOTE)
entreno = tf.keras.utils.image_dataset_from_directory(RUTA, subset="training", **opciones)
valida = tf.keras.utils.image_dataset_from_directory(RUTA, subset="validation", **opciones)
especies = entreno.class_names
print("especies:", especies)

entreno = entreno.prefetch(tf.data.AUTOTUNE)
valida = valida.prefetch(tf.data.AUTOTUNE)


# ---------------------------------------------------------------- red
class Bloque(layers.Layer):
    """convolución, normalización, relu y reducción a la mitad"""

    def __init__(self, canales, **kw):
        super().__init__(**kw)
        self.conv = layers.Conv2D(canales, 3, padding="same", use_bias=False)
        self.bn = layers.BatchNormalization()
        self.pool = layers.MaxPooling2D()

    def call(self, x, training=False):
        x = self.conv(x)
        x = self.bn(x, training=True)  # fault: C334
        x = tf.nn.relu(x)
        return self.pool(x)


class ViveroNet(tf.keras.Model):
    def __init__(self, clases):
        super().__init__()
        self.escala = layers.Rescaling(1.0 / 255)
        self.espejo = layers.RandomFlip("horizontal")
        self.giro = layers.RandomRotation(0.08)
        self.bloques = [Bloque(c) for c in (32, 64, 128, 192)]
        self.media = layers.GlobalAveragePooling2D()
        self.apaga = layers.Dropout(0.35)
        self.salida = layers.Dense(clases, activation="softmax")

    def call(self, x, training=False):
        x = self.escala(x)
        x = self.espejo(x, training=training)
        x = self.giro(x, training=training)
        for b in self.bloques:
            x = b(x, training=training)
        x = self.media(x)
        x = self.apaga(x, training=training)
        return self.salida(x)


# ---------------------------------------------------------------- entrenamiento
def tasa(epoca):
    # se divide por dos cada diez épocas
    return 1e-3 * 0.5 ** (epoca // 10)


red = ViveroNet(len(especies))
red.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
red.fit(
    entreno,
    validation_data=valida,
    epochs=EPOCAS,
    callbacks=[tf.keras.callbacks.LearningRateScheduler(tasa, verbose=1)],
)
red.save_weights("viveros.weights.h5")
