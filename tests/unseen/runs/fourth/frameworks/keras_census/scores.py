import keras
import numpy as np


def confusion_matrix(y_true, y_pred, n):
    cm = np.zeros((n, n), dtype=int)
    np.add.at(cm, (y_true, y_pred), 1)
    return cm


def f1_per_class(cm):
    tp = np.diag(cm).astype(float)
    precision = tp / np.maximum(cm.sum(axis=0), 1)
    recall = tp / np.maximum(cm.sum(axis=1), 1)
    return 2 * precision * recall / np.maximum(precision + recall, 1e-9)


class MacroF1(keras.callbacks.Callback):
    """Adds val_macro_f1 to the logs, so that the callbacks after it can watch it."""

    def __init__(self, flow, every=1):
        super().__init__()
        self.flow = flow
        self.every = every
        self.names = list(flow.class_indices)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        probabilities = self.model.predict(self.flow, verbose=0)
        y_pred = np.argmax(probabilities, axis=1)
        y_true = np.asarray(self.flow.classes)
        f1 = f1_per_class(confusion_matrix(y_true, y_pred, len(self.names)))
        logs["val_macro_f1"] = float(f1.mean())
        print("\n  F1: " + ", ".join(f"{n} {v:.2f}" for n, v in zip(self.names, f1)) + f" | macro {f1.mean():.3f}")
