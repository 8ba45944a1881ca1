# Faulty: C301, C306: the "transfer" helper builds VGG16 with weights=None and then freezes it, so the head sits on random frozen features.
"""
Trabalho 3 - Visao Computacional
Transferencia de aprendizado com VGG16 nas 17 flores
"""
import argparse
import pathlib

import tensorflow as tf
from tensorflow.keras import layers, models, optimizers, callbacks
from tensorflow.keras.applications import vgg16

LADO = 224


def argumentos():
    p = argparse.ArgumentParser()
    p.add_argument("--pasta", default="flores17")
    p.add_argument("--lote", type=int, default=32)
    p.add_argument("--epocas", type=int, default=30)
    p.add_argument("--taxa", type=float, default=5e-4)
    return p.parse_args()


def preparar(imagem, rotulo):
    return vgg16.preprocess_input(imagem), rotulo


def aumentar(imagem, rotulo):
    imagem = tf.image.random_flip_left_right(imagem)
    imagem = tf.image.random_brightness(imagem, 20.0)
    imagem = tf.clip_by_value(imagem, 0.0, 255.0)
    return imagem, rotulo


def conjunto(pasta, lote, treino):
    ds = tf.keras.utils.image_dataset_from_directory(
        pasta,
        label_mode="categorical",
        image_size=(LADO, LADO),
        batch_size=lote,
        shuffle=treino,
        seed=5,
    )
    if treino:
        ds = ds.map(aumentar, num_parallel_calls=tf.data.AUTOTUNE)
    ds = ds.map(preparar, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.prefetch(tf.data.AUTOTUNE)


def rede_pretreinada(n_classes):
    """VGG16 pre-treinada na ImageNet como extrator fixo + cabeca nova."""
    base = vgg16.VGG16(weights=None, include_top=False, input_shape=(LADO, LADO, 3))  # fault: C301, C306
    base.trainable = False
    return models.Sequential(
        [
            base,
            layers.GlobalAveragePooling2D(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


def main():
    a = argumentos()
    tf.keras.utils.set_random_seed(5)
    raiz = pathlib.Path(a.pasta)

    treino = conjunto(raiz / "treino", a.lote, True)
    valid = conjunto(raiz / "valid", a.lote, False)

    rede = rede_pretreinada(17)
    rede.compile(
        optimizer=optimizers.RMSprop(learning_rate=a.taxa),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    rede.summary()

    rede.fit(
        treino,
        validation_data=valid,
        epochs=a.epocas,
        callbacks=[
            callbacks.ModelCheckpoint("flores_vgg.keras", save_best_only=True),
            callbacks.TensorBoard("logs/flores"),
        ],
    )


if __name__ == "__main__":
    main()
