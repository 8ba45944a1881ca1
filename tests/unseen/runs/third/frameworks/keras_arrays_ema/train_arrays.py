"""Arrays from an npz file, bytes in, everything else inside the network; averaged weights for validation."""
import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers

from schedule import RampThenCosine


def load(path):
    with np.load(path, allow_pickle=False) as z:
        data = {k: z[k] for k in z.files}
    x_train, x_val = data["x_train"], data["x_val"]
    y_train, y_val = data["y_train"].squeeze(-1), data["y_val"].squeeze(-1)
    names = [str(n) for n in data["names"]]
    assert x_train.dtype == np.uint8 and x_train.shape[1:] == (32, 32, 3)
    return (x_train, y_train), (x_val, y_val), names


def mlp(x, width, rate):
    channels = x.shape[-1]
    y = layers.Conv2D(width, 1, activation="gelu")(x)
    y = layers.Conv2D(channels, 1)(y)
    return layers.Dropout(rate)(y)


def mixer_block(x, rate):
    """Depthwise mixing of places, then mixing of channels."""
    channels = x.shape[-1]
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.DepthwiseConv2D(5, padding="same")(y)
    x = layers.Add()([x, y])
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    return layers.Add()([x, mlp(y, channels * 3, rate)])


def build(num_classes, mean, variance, widths, depths, rate):
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomTranslation(0.1, 0.1, fill_mode="reflect")(x)
    x = layers.Normalization(mean=mean, variance=variance)(x)
    for i, (w, d) in enumerate(zip(widths, depths)):
        x = layers.Conv2D(w, 2, strides=2, padding="valid")(x)
        for _ in range(d):
            x = mixer_block(x, rate)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(num_classes, dtype="float32", kernel_initializer="zeros")(x)
    return keras.Model(inputs, logits, name="mixer")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--file", default="arrays/tiny10.npz")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch-size", type=int, default=48)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--weight-decay", type=float, default=0.02)
    p.add_argument("--ramp-epochs", type=float, default=2)
    p.add_argument("--ema", type=float, default=0.99)
    p.add_argument("--smoothing", type=float, default=0.1)
    p.add_argument("--out", default="runs/arrays")
    p.add_argument("--seed", type=int, default=3)
    args = p.parse_args()

    keras.utils.set_random_seed(args.seed)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    (x_train, y_train), (x_val, y_val), names = load(args.file)
    scaled = x_train.astype("float32") / 255.0
    mean, variance = scaled.mean(axis=(0, 1, 2)), scaled.var(axis=(0, 1, 2))
    del scaled
    print("train", x_train.shape, "val", x_val.shape, "mean", mean.round(3), "std", np.sqrt(variance).round(3))
    t_train = keras.utils.to_categorical(y_train, len(names))
    t_val = keras.utils.to_categorical(y_val, len(names))

    model = build(len(names), mean.tolist(), variance.tolist(), widths=(48, 96, 160), depths=(1, 2, 1), rate=0.1)
    model.summary(line_length=100)

    steps = int(np.ceil(len(x_train) / args.batch_size))
    schedule = RampThenCosine(args.lr, int(args.ramp_epochs * steps), steps * args.epochs, floor=args.lr * 0.01)
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=args.weight_decay, global_clipnorm=1.0, use_ema=True, ema_momentum=args.ema
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=args.smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        jit_compile=False,
    )
    history = model.fit(
        x_train,
        t_train,
        batch_size=args.batch_size,
        epochs=args.epochs,
        validation_data=(x_val, t_val),
        callbacks=[
            keras.callbacks.SwapEMAWeights(),
            keras.callbacks.CSVLogger(str(out / "log.csv")),
        ],
    )
    # fit leaves the averaged weights in the network
    model.save(out / "final.keras")
    scores = model.evaluate(x_val, t_val, batch_size=100, return_dict=True)
    print({k: round(float(v), 4) for k, v in scores.items()})
    guess = model.predict(x_val, batch_size=100).argmax(-1)
    for i, n in enumerate(names):
        print(f"{n:12s} {np.mean(guess[y_val == i] == i):.3f}")
    np.save(out / "history.npy", np.array(history.history["val_accuracy"]))


if __name__ == "__main__":
    main()
