"""Self-supervised start (which way up?) and then the ten classes of STL-10.

TF 2.8 - 2.15 (h5 weights).
    python rotpretext.py pretext
    python rotpretext.py classify
"""
import sys

import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

import nets
import stl
from turning import TurnedBatches

BATCH = 64
LR = 1e-3
PRETEXT_EPOCHS = 30
CLASSIFY_EPOCHS = 60
ENCODER_FILE = "stl_rotation.h5"


def compiled(model):
    model.compile(
        optimizer=tf.keras.optimizers.Adam(learning_rate=LR),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def pretext():
    pictures = stl.unlabelled()
    model = compiled(nets.with_head(nets.encoder("pretext"), 4, "turn"))
    model.fit(TurnedBatches(pictures, BATCH), epochs=PRETEXT_EPOCHS)
    model.save_weights(ENCODER_FILE)


def classify():
    x, y = stl.labelled("train")
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.2, stratify=y, random_state=0)

    model = nets.with_head(nets.encoder("stl"), 10, "category")
    model.load_weights(ENCODER_FILE, by_name=True)  # fault: C339
    model = compiled(model)
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH,
        epochs=CLASSIFY_EPOCHS,
        validation_data=(x_val, y_val),
        callbacks=[tf.keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=12, restore_best_weights=True)],
    )
    x_test, y_test = stl.labelled("test")
    print("test", model.evaluate(x_test, y_test, batch_size=256, verbose=0))
    model.save("stl_classifier.h5")


if __name__ == "__main__":
    np.random.seed(0)
    tf.random.set_seed(0)
    {"pretext": pretext, "classify": classify}[sys.argv[1]]()
