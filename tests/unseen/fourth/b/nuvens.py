"""Classificador de nuvens (TF 2.11) - trabalho de conclusão de curso."""
import json
import os

import numpy as np
import tensorflow as tf
from sklearn.metrics import classification_report
from tensorflow.keras import layers
from tensorflow.keras.applications.densenet import DenseNet121, preprocess_input
from tensorflow.keras.callbacks import Callback, EarlyStopping, ReduceLROnPlateau
from tensorflow.keras.preprocessing.image import ImageDataGenerator

tf.keras.utils.set_random_seed(2023)

PASTA = os.environ.get("NUVENS", "/home/aluno/nuvens")
LADO = 224
LOTE = 24


class Diario(Callback):
    """Guarda os números de cada época em um arquivo json."""

    def __init__(self, arquivo):
        super().__init__()
        self.arquivo = arquivo
        self.linhas = []

    def on_epoch_end(self, epoch, logs=None):
        self.linhas.append({k: float(v) for k, v in (logs or {}).items()})
        with open(self.arquivo, "w") as f:
            json.dump(self.linhas, f, indent=1)


def geradores():
    # as imagens de treino giram um pouco e são espelhadas
    g_treino = ImageDataGenerator(
        preprocessing_function=preprocess_input,
        rotation_range=15,
        horizontal_flip=True,
    )
    g_fixo = ImageDataGenerator(preprocessing_function=preprocess_input)
    comum = dict(target_size=(LADO, LADO), batch_size=LOTE, class_mode="sparse")
    treino = g_treino.flow_from_directory(os.path.join(PASTA, "treino"), **comum)
    valid = g_fixo.flow_from_directory(os.path.join(PASTA, "validacao"), **comum)
    teste = g_fixo.flow_from_directory(os.path.join(PASTA, "teste"), shuffle=False, **comum)
    return treino, valid, teste


def monta():
    base = DenseNet121(include_top=False, weights="imagenet", input_shape=(LADO, LADO, 3), pooling="avg")
    base.trainable = False
    modelo = tf.keras.Sequential([
        base,
        layers.Dropout(0.3),
        layers.Dense(7, activation="softmax"),
    ])
    modelo.compile(
        optimizer=tf.keras.optimizers.Adam(learning_rate=1e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return modelo


def main():
    treino, valid, teste = geradores()
    assert treino.num_classes == 7
    modelo = monta()
    modelo.fit(
        treino,
        epochs=30,
        validation_data=valid,
        callbacks=[
            ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=2, verbose=1),
            EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True),
            Diario("diario.json"),
        ],
    )

    # teste: só uma vez, no fim
    p = modelo.predict(teste).argmax(axis=1)
    nomes = list(teste.class_indices)
    print(classification_report(teste.classes, p, target_names=nomes, digits=3))
    print("acerto:", np.mean(p == teste.classes))
    modelo.save("nuvens.h5")


if __name__ == "__main__":
    main()
