"""Two stages: first the new head on frozen features, then the upper part of the network as well."""
import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers


def datasets(root, size, batch_size, seed):
    common = dict(image_size=(size, size), batch_size=batch_size, label_mode="categorical")
    train = keras.utils.image_dataset_from_directory(
        Path(root) / "train", validation_split=0.15, subset="training", seed=seed, **common
    )
    valid = keras.utils.image_dataset_from_directory(
        Path(root) / "train", validation_split=0.15, subset="validation", seed=seed, **common
    )
    test = keras.utils.image_dataset_from_directory(Path(root) / "test", shuffle=False, **common)
    names = train.class_names
    assert names == valid.class_names == test.class_names
    return train.prefetch(2), valid.cache().prefetch(2), test.prefetch(2), names


def build(size, num_classes, weights):
    base = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), alpha=0.35, include_top=False, weights=None, pooling="avg"
    )
    base.load_weights(weights)
    base.trainable = False

    inputs = keras.Input((size, size, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.08, 0.08, fill_mode="nearest")(x)
    x = keras.applications.mobilenet_v2.preprocess_input(x)
    x = base(x, training=False)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(num_classes, activation="softmax", kernel_regularizer=keras.regularizers.l2(1e-4))(x)
    return keras.Model(inputs, outputs, name="clipart"), base


def unfreeze(base, first):
    """Everything from the named layer on learns, the batch normalisation layers stay as they are."""
    base.trainable = True
    seen = False
    for layer in base.layers:
        seen = seen or layer.name == first
        layer.trainable = seen and not isinstance(layer, layers.BatchNormalization)
    open_weights = sum(int(tf.size(w)) for w in base.trainable_weights)
    print(f"fine tuning from {first}: {open_weights} weights of the base")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="clipart")
    p.add_argument("--weights", default="weights/mobilenet_v2_0.35_96_no_top.weights.h5")
    p.add_argument("--size", type=int, default=96)
    p.add_argument("--batch-size", type=int, default=24)
    p.add_argument("--head-epochs", type=int, default=3)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--head-lr", type=float, default=2e-3)
    p.add_argument("--tune-lr", type=float, default=2e-4)
    p.add_argument("--first", default="block_8_expand")
    p.add_argument("--out", default="runs/clipart")
    args = p.parse_args()

    keras.utils.set_random_seed(8)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    train, valid, test, names = datasets(args.data, args.size, args.batch_size, seed=77)
    print("classes:", names)

    model, base = build(args.size, len(names), args.weights)
    model.compile(
        optimizer=keras.optimizers.Adam(args.head_lr),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
        jit_compile=False,
    )
    model.summary(show_trainable=True)
    log = keras.callbacks.CSVLogger(str(out / "log.csv"), append=True)

    print("stage 1: head")
    first = model.fit(train, validation_data=valid, epochs=args.head_epochs, callbacks=[log])
    model.save(out / "head.keras")

    print("stage 2: fine tuning")
    unfreeze(base, args.first)
    model.optimizer.learning_rate.assign(args.tune_lr)
    model.fit(
        train,
        validation_data=valid,
        initial_epoch=len(first.epoch),
        epochs=args.epochs,
        callbacks=[
            log,
            keras.callbacks.ModelCheckpoint(str(out / "tuned.keras"), monitor="val_loss", save_best_only=True),
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True),
        ],
    )
    loss, accuracy = model.evaluate(test)
    print(f"test loss {loss:.4f} accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
