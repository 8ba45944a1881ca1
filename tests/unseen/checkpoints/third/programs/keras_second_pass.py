import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from pathlib import Path
import numpy as np
import tensorflow as tf
import keras

HERE = Path(__file__).resolve().parent


def dataset(folder, batch):
    ds = keras.utils.image_dataset_from_directory(
        folder, labels="inferred", label_mode="int", image_size=(32, 32),
        batch_size=batch, @@A@@verbose=False)
    scale = keras.layers.Rescaling(1 / 127.5, offset=-1)
    return ds.map(lambda x, y: (scale(x), y)), ds.class_names


def report(truth, guess, names):
    matrix = tf.math.confusion_matrix(truth, guess, num_classes=len(names)).numpy()
    for name, row in zip(names, matrix):
        print(f"{name:>11} |", " ".join(f"{v:3d}" for v in row))
    return matrix.trace() / matrix.sum()


def main():
    model = keras.models.load_model(HERE / "outdoors.keras")
    ds, names = dataset("data/outdoors/val", 45)
    guess = model.predict(ds, verbose=0).argmax(axis=1)
    truth = np.concatenate([y.numpy() for _, y in ds])
    print(f"accuracy {report(truth, guess, names):.4f}")


if __name__ == "__main__":
    main()
