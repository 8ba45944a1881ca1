import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
from pathlib import Path
import keras
import yaml
from keras import layers
from feeder import FolderFeeder

CONFIG = yaml.safe_load("""
data: flat
classes: [airplane, automobile, frog, horse, ship, truck]
batch_size: 25
epochs: 60
optimizer: {learning_rate: 0.02, momentum: 0.9, nesterov: true}
widths: [24, 48, 96]
""")


def separable_net(widths, n):
    net = keras.Sequential([keras.Input((32, 32, 3))])
    net.add(layers.Conv2D(widths[0], 3, padding="same", use_bias=False))
    net.add(layers.BatchNormalization())
    net.add(layers.ReLU())
    for w in widths:
        net.add(layers.SeparableConv2D(w, 3, padding="same", use_bias=False))
        net.add(layers.BatchNormalization())
        net.add(layers.ReLU())
        net.add(layers.MaxPooling2D())
    net.add(layers.Flatten())
    net.add(layers.Dense(n))
    return net


def run(cfg):
    keras.utils.set_random_seed(1)
    classes = sorted(cfg["classes"])
    root = Path(cfg["data"])
    train = FolderFeeder(root / "tr", classes, cfg["batch_size"], training=True)
    test = FolderFeeder(root / "te", classes, cfg["batch_size"])
    net = separable_net(cfg["widths"], len(classes))
    net.compile(keras.optimizers.SGD(**cfg["optimizer"]),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    history = net.fit(train, validation_data=test, epochs=cfg["epochs"], shuffle=True, verbose=2)
    best = max(history.history["val_accuracy"])
    print(f"best validation accuracy {best:.3f}")


if __name__ == "__main__":
    import sys
    if len(sys.argv) > 1:                      # main.py key=value ...
        CONFIG.update({k: yaml.safe_load(v) for k, v in (a.split("=") for a in sys.argv[1:])})
    run(CONFIG)
