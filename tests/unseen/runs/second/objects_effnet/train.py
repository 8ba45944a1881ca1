# -*- coding: utf-8 -*-
"""Clasificación de objetos con EfficientNetB0 (ajuste fino en dos fases)."""
import argparse

import keras
import numpy as np
from keras import layers


def leer_argumentos():
    p = argparse.ArgumentParser()
    p.add_argument("--datos", default="objects10")
    p.add_argument("--pesos", default="weights/efficientnetb0_notop.weights.h5")
    p.add_argument("--tam", type=int, default=96)
    p.add_argument("--lote", type=int, default=32)
    p.add_argument("--epocas", type=int, default=15)
    p.add_argument("--epocas-fino", type=int, default=25)
    return p.parse_args()


def datos(args):
    opciones = dict(image_size=(args.tam, args.tam), batch_size=args.lote, label_mode="int")
    leer = keras.utils.image_dataset_from_directory
    entreno = leer(f"{args.datos}/train", shuffle=True, seed=8, **opciones)
    valida = leer(f"{args.datos}/val", shuffle=False, **opciones)
    prueba = leer(f"{args.datos}/test", shuffle=False, **opciones)
    assert entreno.class_names == valida.class_names == prueba.class_names
    return entreno, valida, prueba


def modelo(args, n):
    # EfficientNet de keras ya lleva dentro el reescalado y la normalización: entra 0..255
    base = keras.applications.EfficientNetB0(include_top=False, weights=args.pesos,
                                             input_shape=(args.tam, args.tam, 3), pooling="avg")
    base.trainable = False
    entrada = keras.Input((args.tam, args.tam, 3))
    x = layers.RandomFlip("horizontal")(entrada)
    x = layers.RandomTranslation(0.08, 0.08)(x)
    x = base(x, training=False)      # BatchNorm siempre con sus medias guardadas
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.25)(x)
    salida = layers.Dense(n)(x)
    return keras.Model(entrada, salida), base


def compilar(m, lr):
    m.compile(optimizer=keras.optimizers.Adam(lr),
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")])


def main():
    args = leer_argumentos()
    keras.utils.set_random_seed(8)
    entreno, valida, prueba = datos(args)
    m, base = modelo(args, len(entreno.class_names))

    compilar(m, 1e-3)
    m.fit(entreno, validation_data=valida, epochs=args.epocas)

    base.trainable = True
    for capa in base.layers:
        if isinstance(capa, layers.BatchNormalization):
            capa.trainable = False
    compilar(m, 2e-5)
    m.fit(entreno, validation_data=valida, epochs=args.epocas_fino, callbacks=[
        keras.callbacks.EarlyStopping(monitor="val_acc", mode="max", patience=6, restore_best_weights=True)])

    # prueba no se baraja, el orden de las etiquetas es el de los lotes
    verdad = np.concatenate([y.numpy() for _, y in prueba])
    pred = m.predict(prueba).argmax(axis=1)
    for i, nombre in enumerate(entreno.class_names):
        print(f"{nombre:12s} {np.mean(pred[verdad == i] == i):.3f}")
    print("total", np.mean(pred == verdad))


if __name__ == "__main__":
    main()
