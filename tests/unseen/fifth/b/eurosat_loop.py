"""EuroSAT (RGB) land use, subclassed network and a hand-written training loop."""
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow.keras import layers

SEED = 7
BATCH = 64
EPOCHS = 25
CLASSES = 10

tf.random.set_seed(SEED)


class ConvUnit(layers.Layer):
    def __init__(self, filters, strides=1):
        super().__init__()
        self.conv = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)
        self.norm = layers.BatchNormalization()
        self.act = layers.ReLU()

    def call(self, x, training=False):
        return self.act(self.norm(self.conv(x), training=training))


class PatchNet(tf.keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.units = []
        for width in (32, 64, 128, 256):
            self.units.append(ConvUnit(width))
            self.units.append(ConvUnit(width, strides=2))
        self.gap = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.3)
        self.out = layers.Dense(classes, activation="softmax")

    def call(self, x, training=False):
        for unit in self.units:
            x = unit(x, training=training)
        x = self.gap(x)
        x = self.drop(x, training=training)
        return self.out(x)


def prepare(image, label):
    image = tf.cast(image, tf.float32) / 255.0
    return image, tf.one_hot(label, CLASSES)


def augment(image, label):
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_flip_up_down(image)
    return image, label


def make_datasets():
    raw_train, raw_val, raw_test = tfds.load(
        "eurosat/rgb", split=["train[:80%]", "train[80%:90%]", "train[90%:]"], as_supervised=True
    )
    train = (
        raw_train.map(prepare, num_parallel_calls=tf.data.AUTOTUNE)
        .cache()
        .shuffle(22000, seed=SEED)
        .map(augment, num_parallel_calls=tf.data.AUTOTUNE)
        .batch(BATCH, drop_remainder=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    val = raw_val.map(prepare).batch(BATCH).cache().prefetch(tf.data.AUTOTUNE)
    test = raw_test.map(prepare).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    return train, val, test


train_ds, val_ds, test_ds = make_datasets()

model = PatchNet(CLASSES)
optimizer = tf.keras.optimizers.Adam(learning_rate=1e-3)
criterion = tf.keras.losses.BinaryCrossentropy()  # fault: C308

train_loss = tf.keras.metrics.Mean()
train_acc = tf.keras.metrics.CategoricalAccuracy()
eval_acc = tf.keras.metrics.CategoricalAccuracy()


@tf.function
def train_step(images, targets):
    with tf.GradientTape() as tape:
        probs = model(images, training=True)
        loss = criterion(targets, probs)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    train_loss.update_state(loss)
    train_acc.update_state(targets, probs)


@tf.function
def eval_step(images, targets):
    eval_acc.update_state(targets, model(images, training=False))


def evaluate(dataset):
    eval_acc.reset_state()
    for images, targets in dataset:
        eval_step(images, targets)
    return float(eval_acc.result())


best = 0.0
for epoch in range(EPOCHS):
    train_loss.reset_state()
    train_acc.reset_state()
    for images, targets in train_ds:
        train_step(images, targets)
    val_acc = evaluate(val_ds)
    print(f"epoch {epoch + 1:02d}  loss {train_loss.result():.4f}  acc {train_acc.result():.4f}  val {val_acc:.4f}")
    if val_acc > best:
        best = val_acc
        model.save_weights("patchnet.weights.h5")

model.load_weights("patchnet.weights.h5")
print(f"test accuracy {evaluate(test_ds):.4f}")
