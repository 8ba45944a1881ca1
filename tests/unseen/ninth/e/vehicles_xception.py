import argparse
import os
import random

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from tensorflow.keras import Model
from tensorflow.keras import layers as L
from tensorflow.keras.applications import xception
from tensorflow.keras.preprocessing.image import ImageDataGenerator


class VehicleClassifier:
    """auto / bus / bicicleta / moto / camion"""

    labels = ["auto", "bicicleta", "bus", "camion", "moto"]

    def __init__(self, opt):
        self.opt = opt
        random.seed(opt.seed)
        np.random.seed(opt.seed)
        tf.random.set_seed(opt.seed)
        self.model = self.create_model()

    # ---- datos -------------------------------------------------------
    def load_frames(self):
        df = pd.read_csv(self.opt.csv, dtype=str)
        df = df[df["categoria"].isin(self.labels)].drop_duplicates("archivo")
        train, test = train_test_split(df, test_size=0.2, stratify=df["categoria"], random_state=self.opt.seed)
        train, val = train_test_split(train, test_size=0.15, stratify=train["categoria"], random_state=self.opt.seed)
        return train, val, test

    def flow(self, df, augment):
        if augment:
            gen = ImageDataGenerator(
                preprocessing_function=xception.preprocess_input,
                rotation_range=10,
                zoom_range=0.15,
                horizontal_flip=True,
                fill_mode="nearest",
            )
        else:
            gen = ImageDataGenerator(preprocessing_function=xception.preprocess_input)
        return gen.flow_from_dataframe(
            df,
            directory=self.opt.images,
            x_col="archivo",
            y_col="categoria",
            classes=self.labels,
            class_mode="sparse",
            target_size=(self.opt.size, self.opt.size),
            batch_size=self.opt.batch,
            shuffle=augment,
            seed=self.opt.seed,
        )

    # ---- modelo ------------------------------------------------------
    def create_model(self):
        base = xception.Xception(weights="imagenet", include_top=False,
                                 input_shape=(self.opt.size, self.opt.size, 3), pooling="avg")
        base.trainable = False
        inp = L.Input((self.opt.size, self.opt.size, 3))
        x = base(inp, training=False)
        x = L.Dense(256, activation="relu")(x)
        x = L.Dropout(0.5)(x)
        out = L.Dense(len(self.labels), activation="softmax")(x)
        model = Model(inp, out)
        model.compile(
            optimizer=tf.keras.optimizers.RMSprop(learning_rate=self.opt.lr),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return model

    # ---- entrenamiento -----------------------------------------------
    def run(self):
        train, val, test = self.load_frames()
        tr, va, te = self.flow(train, True), self.flow(val, False), self.flow(test, False)
        best = os.path.join(self.opt.out, "best.weights.h5")
        self.model.fit(
            tr,
            validation_data=va,
            epochs=self.opt.epochs,
            callbacks=[
                tf.keras.callbacks.ModelCheckpoint(best, monitor="val_accuracy", mode="max",
                                                   save_best_only=True, save_weights_only=True),
                tf.keras.callbacks.CSVLogger(os.path.join(self.opt.out, "train.csv")),
            ],
        )
        self.model.load_weights(best)
        self.report(te, test)

    def report(self, te, frame):
        probs = self.model.predict(te)
        y_true = np.asarray(te.classes)
        y_pred = probs.argmax(1)
        print("accuracy", accuracy_score(y_true, y_pred))
        print("macro f1", f1_score(y_true, y_pred, average="macro"))
        res = pd.DataFrame({"archivo": te.filenames, "real": [self.labels[i] for i in y_true],
                            "pred": [self.labels[i] for i in y_pred], "p": probs.max(1)})
        res.to_csv(os.path.join(self.opt.out, "test_predicciones.csv"), index=False)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--csv", default="datos/vehiculos.csv")
    ap.add_argument("--images", default="datos/img")
    ap.add_argument("--out", default="salida")
    ap.add_argument("--size", type=int, default=299)
    ap.add_argument("--batch", type=int, default=16)
    ap.add_argument("--epochs", type=int, default=12)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--seed", type=int, default=99)
    opt = ap.parse_args()
    os.makedirs(opt.out, exist_ok=True)
    VehicleClassifier(opt).run()
