import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tiny10")
class RampThenCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rises from zero to the peak, then falls along half a cosine."""

    def __init__(self, peak, ramp_steps, total_steps, floor=0.0):
        super().__init__()
        self.peak, self.ramp_steps, self.total_steps, self.floor = peak, ramp_steps, total_steps, floor

    def __call__(self, step):
        step = ops.cast(step, "float32")
        ramp = self.peak * step / self.ramp_steps
        t = ops.clip((step - self.ramp_steps) / (self.total_steps - self.ramp_steps), 0.0, 1.0)
        fall = self.floor + (self.peak - self.floor) * 0.5 * (1.0 + ops.cos(3.14159265 * t))
        return ops.where(step < self.ramp_steps, ramp, fall)

    def get_config(self):
        return dict(peak=self.peak, ramp_steps=self.ramp_steps, total_steps=self.total_steps, floor=self.floor)
