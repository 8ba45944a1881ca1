"""Compare backbones on the animal pictures:  python train.py --backbone efficientnet"""
import argparse

import keras
from keras import layers

from pipeline import dataset

BACKBONES = {
    "mobilenet": (keras.applications.MobileNetV2, "weights/mobilenetv2_notop.weights.h5"),
    "efficientnet": (keras.applications.EfficientNetB0, "weights/efficientnetb0_notop.weights.h5"),
}


def build(name, size, classes, dropout):
    ctor, weights = BACKBONES[name]
    backbone = ctor(include_top=False, weights=weights, input_shape=(size, size, 3))
    backbone.trainable = False
    inputs = keras.Input((size, size, 3), name="image")
    x = backbone(inputs, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name=name)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="animals_hf")
    p.add_argument("--backbone", choices=sorted(BACKBONES), default="mobilenet")
    p.add_argument("--size", type=int, default=128)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--dropout", type=float, default=0.2)
    a = p.parse_args()

    train, classes = dataset(a.data + "/train", a.size, a.batch, True)
    val, val_classes = dataset(a.data + "/validation", a.size, a.batch, False)
    assert classes == val_classes

    model = build(a.backbone, a.size, len(classes), a.dropout)
    model.compile(optimizer=keras.optimizers.Adam(a.lr),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  metrics=["accuracy"])
    model.fit(train, validation_data=val, epochs=a.epochs,
              callbacks=[keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=6, restore_best_weights=True)])
    model.save(f"animals_{a.backbone}.keras")


if __name__ == "__main__":
    main()
