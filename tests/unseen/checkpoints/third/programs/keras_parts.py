import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import keras
from PIL import Image


def pictures(root):
    xs, ys = [], []
    for k, name in enumerate(sorted(os.listdir(root))):
        for f in sorted(os.listdir(os.path.join(root, name))):
            xs.append(np.asarray(Image.open(os.path.join(root, name, f)).convert("RGB")))
            ys.append(k)
    return np.stack(xs), np.asarray(ys)


def walk(model, x, **kw):
    """Layer by layer; returns the pooled vector and the logits."""
    pooled = None
    for layer in model.layers[1:]:
        takes_mode = isinstance(layer, (keras.layers.BatchNormalization, keras.layers.Dropout, keras.layers.SpatialDropout2D))
        x = layer(x, **kw) if takes_mode else layer(x)
        if layer.name == "pool":
            pooled = x
    return pooled, x


def main(path):
    model = keras.models.load_model(path)
    x, y = pictures("data/outdoors/val")
    x = x.astype("float32") / 127.5 - 1.0
    out, norms = [], []
    for i in range(0, len(x), 24):
        vec, z = walk(model, x[i:i + 24], training=@@A@@)
        out.append(keras.ops.convert_to_numpy(z))
        norms.append(np.linalg.norm(keras.ops.convert_to_numpy(vec), axis=1))
    guess = np.concatenate(out).argmax(1)
    print(f"mean norm of the pooled vector: {np.concatenate(norms).mean():.3f}")
    print(f"accuracy: {(guess == y).mean() * 100:.2f}%")


main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "model.keras"))
