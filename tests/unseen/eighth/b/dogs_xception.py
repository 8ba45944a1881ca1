# Stanford Dogs with a custom train_step (clipping by the global norm, gradient norm in the logs).
from absl import app, flags
import tensorflow as tf
import tensorflow_datasets as tfds

FLAGS = flags.FLAGS
flags.DEFINE_integer("epochs", 10, "passes over the training part")
flags.DEFINE_integer("batch", 16, "images in a batch")
flags.DEFINE_float("lr", 1e-4, "rate of AdamW")
flags.DEFINE_float("decay", 1e-4, "weight decay of AdamW")
flags.DEFINE_float("max_norm", 1.0, "clip gradients to this norm")
flags.DEFINE_string("save_to", "dogs.weights.h5", "where the weights go")

SIDE = 299
BREEDS = 120


class DogModel(tf.keras.Model):
    def __init__(self, max_norm, **kw):
        super().__init__(**kw)
        self.max_norm = max_norm
        self.body = tf.keras.applications.Xception(
            include_top=False, weights="imagenet", pooling="avg", input_shape=(SIDE, SIDE, 3)
        )
        self.drop = tf.keras.layers.Dropout(0.35)
        self.top = tf.keras.layers.Dense(BREEDS)
        self.norm_seen = tf.keras.metrics.Mean(name="grad_norm")

    def call(self, images, training=None):
        # all weights are tuned, the statistics of the normalisation layers stay those of ImageNet
        h = self.body(images, training=False)
        h = self.drop(h, training=training)
        return self.top(h)

    def train_step(self, data):
        images, breed = data
        with tf.GradientTape() as tape:
            scores = self(images, training=True)
            loss = self.compute_loss(x=images, y=breed, y_pred=scores)
        variables = self.trainable_variables
        grads = tape.gradient(loss, variables)
        grads, norm = tf.clip_by_global_norm(grads, self.max_norm)
        self.optimizer.apply_gradients(zip(grads, variables))
        logs = {"loss": loss}
        self.norm_seen.update_state(norm)
        for m in self.metrics:
            if m.name == "loss":
                m.update_state(loss)
            elif m.name != "grad_norm":
                m.update_state(breed, scores)
            logs[m.name] = m.result()
        return self._flat(logs)

    @staticmethod
    def _flat(logs):
        out = {}
        for key, value in logs.items():
            if isinstance(value, dict):
                out.update(value)
            else:
                out[key] = value
        return out


def fit_in(sample):
    img = tf.image.resize(sample["image"], (SIDE, SIDE))
    return tf.keras.applications.xception.preprocess_input(img), sample["label"]


def turn(img, label):
    return tf.image.random_flip_left_right(img), label


def splits():
    train, val, test = tfds.load(
        "stanford_dogs", split=["train[:90%]", "train[90%:]", "test"], shuffle_files=False
    )
    train = train.shuffle(2000).map(fit_in, tf.data.AUTOTUNE).map(turn, tf.data.AUTOTUNE)
    return (
        train.batch(FLAGS.batch, drop_remainder=True).prefetch(2),
        val.map(fit_in, tf.data.AUTOTUNE).batch(FLAGS.batch).prefetch(2),
        test.map(fit_in, tf.data.AUTOTUNE).batch(FLAGS.batch).prefetch(2),
    )


def main(_):
    tf.keras.utils.set_random_seed(1234)
    train, val, test = splits()
    dogs = DogModel(FLAGS.max_norm)
    dogs.compile(
        optimizer=tf.keras.optimizers.AdamW(learning_rate=FLAGS.lr, weight_decay=FLAGS.decay),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    dogs.fit(train, validation_data=val, epochs=FLAGS.epochs)
    dogs.save_weights(FLAGS.save_to)
    print("test:", dogs.evaluate(test, return_dict=True))


if __name__ == "__main__":
    app.run(main)
