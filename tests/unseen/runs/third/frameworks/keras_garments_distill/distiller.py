import keras
from keras import ops


class Distiller(keras.Model):
    """Trains the student on the labels and on the softened scores of a finished teacher."""

    def __init__(self, student, teacher, temperature=4.0, alpha=0.3):
        super().__init__(name="distiller")
        self.student = student
        self.teacher = teacher
        self.teacher.trainable = False
        self.temperature = temperature
        self.alpha = alpha
        self.hard_tracker = keras.metrics.Mean(name="hard")
        self.soft_tracker = keras.metrics.Mean(name="soft")

    def call(self, x, training=None):
        return self.student(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        hard = ops.mean(keras.losses.sparse_categorical_crossentropy(y, y_pred, from_logits=True))
        if not training:
            return hard
        t = self.temperature
        wanted = ops.softmax(ops.stop_gradient(self.teacher(x, training=False)) / t)
        got = ops.log_softmax(y_pred / t)
        soft = -ops.mean(ops.sum(wanted * got, axis=-1)) * t**2
        self.hard_tracker.update_state(hard)
        self.soft_tracker.update_state(soft)
        return self.alpha * hard + (1.0 - self.alpha) * soft
