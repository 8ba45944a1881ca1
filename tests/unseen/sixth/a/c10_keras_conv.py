"""Conv net for CIFAR-10 in Keras. Reads the arrays, trains, then labels single pictures."""
import argparse

import numpy as np
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def conv_block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x, training=True)  # fault: C334
    return layers.ReLU()(x)


def build(dropout):
    inputs = keras.Input((32, 32, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    for filters in (64, 128, 256):
        x = conv_block(x, filters)
        x = conv_block(x, filters)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(10)(x)
    return keras.Model(inputs, outputs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)

    (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
    x = x.astype("float32") / 255.0
    x_test = x_test.astype("float32") / 255.0
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=5000, stratify=y, random_state=args.seed)

    model = build(args.dropout)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        x_train, y_train,
        batch_size=args.batch_size,
        epochs=args.epochs,
        validation_data=(x_val, y_val),
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=4, min_lr=1e-5),
            keras.callbacks.ModelCheckpoint("c10.keras", monitor="val_accuracy", save_best_only=True),
        ],
    )

    model = keras.models.load_model("c10.keras")
    print("test", model.evaluate(x_test, y_test, verbose=0))
    for picture, label in zip(x_test[:10], y_test[:10, 0]):
        scores = model.predict(picture[None], verbose=0)[0]
        print(f"{NAMES[label]:12s} -> {NAMES[int(np.argmax(scores))]}")


if __name__ == "__main__":
    main()
