import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import glob
import re

import keras
import numpy as np
from PIL import Image

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kept")
SCORE = re.compile(r"val(\d\.\d+)\.keras$")


def choose():
    """The names end in the validation accuracy."""
    files = glob.glob(os.path.join(FOLDER, "*.keras"))
    return @@A@@(files, key=lambda f: float(SCORE.search(f).group(1)))


class Scenes(keras.utils.PyDataset):
    def __init__(self, root, batch=36):
        super().__init__()
        self.items = [(os.path.join(root, c, f), k) for k, c in enumerate(sorted(os.listdir(root)))
                      for f in sorted(os.listdir(os.path.join(root, c)))]
        self.batch = batch

    def __len__(self):
        return -(-len(self.items) // self.batch)

    def __getitem__(self, i):
        part = self.items[i * self.batch:(i + 1) * self.batch]
        x = np.stack([np.array(Image.open(f).convert("RGB")) for f, _ in part])
        return (x - 127.5) / 127.5, np.array([k for _, k in part])


if __name__ == "__main__":
    file = choose()
    model = keras.models.load_model(file, compile=False)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    loss, accuracy = model.evaluate(Scenes("data/outdoors/val"), verbose=0)
    print(f"{os.path.basename(file)}: loss {loss:.4f}, accuracy {accuracy:.4f}")
