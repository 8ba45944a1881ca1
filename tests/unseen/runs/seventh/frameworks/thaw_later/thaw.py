import keras
import numpy as np


class Thaw(keras.callbacks.Callback):
    """Makes `part` trainable from epoch `at` on, with a smaller learning rate for everything."""

    def __init__(self, part, at, factor):
        super().__init__()
        self.part, self.at, self.factor = part, at, factor

    def on_epoch_begin(self, epoch, logs=None):
        if epoch != self.at:
            return
        self.part.trainable = True
        rate = float(self.model.optimizer.learning_rate)
        self.model.optimizer.learning_rate = rate * self.factor
        n = sum(int(np.prod(w.shape)) for w in self.model.trainable_weights)
        print(f"-- epoch {epoch}: fine-tuning all of it ({n:,} parameters), lr {rate * self.factor:g}")


class EpochLog(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(f"epoch {epoch:3d}  " + "  ".join(f"{k} {v:.4f}" for k, v in logs.items()), flush=True)
