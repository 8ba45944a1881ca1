import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms


def make_loaders(root: str, bs: int, workers: int = 2):
    """Fashion-MNIST in channels-last order, as Keras layers expect by default."""
    tf = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.2860,), (0.3530,)),
        transforms.Lambda(lambda t: t.permute(1, 2, 0).contiguous()),
    ])
    full = datasets.FashionMNIST(root, train=True, download=True, transform=tf)
    test = datasets.FashionMNIST(root, train=False, download=True, transform=tf)
    train, dev = random_split(full, [55_000, 5_000], generator=torch.Generator().manual_seed(1234))
    mk = lambda d, s: DataLoader(d, batch_size=bs, shuffle=s, num_workers=workers)
    return mk(train, True), mk(dev, False), mk(test, False)


def unit(filters: int, stride: int = 1):
    # conv -> norm -> non-linearity, the bias lives in the norm
    yield keras.layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)
    yield keras.layers.BatchNormalization()
    yield keras.layers.LeakyReLU(negative_slope=0.1)


def make_model() -> keras.Model:
    stack = [keras.layers.Input((28, 28, 1))]
    for f, s in [(32, 1), (64, 2), (64, 1), (128, 2), (128, 1)]:
        stack.extend(unit(f, s))
    stack += [
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(64),
        keras.layers.LeakyReLU(negative_slope=0.1),
        keras.layers.Dropout(0.25),
        keras.layers.Dense(10),
    ]
    return keras.Sequential(stack)


if __name__ == "__main__":
    keras.utils.set_random_seed(1234)
    train, dev, test = make_loaders("~/.cache/fmnist", 100)
    m = make_model()
    m.compile(
        optimizer=keras.optimizers.AdamW(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["sparse_categorical_accuracy"],
    )
    m.fit(train, validation_data=dev, epochs=18)
    print("held out:", m.evaluate(test, return_dict=True))
    m.save("fashion.keras")
