import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

BATCH_SIZE = 64
EPOCHS = 15
LR = 1e-3

tf.random.set_seed(8)
np.random.seed(8)

(x_all, y_all), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
x_all = (x_all / 255.0).astype("float32")[..., None]
x_test = (x_test / 255.0).astype("float32")[..., None]
y_all = y_all.astype("int32")
y_test = y_test.astype("int32")

# keep 6000 for validation
order = np.random.permutation(len(x_all))
tr, va = order[6000:], order[:6000]

train_ds = (
    tf.data.Dataset.from_tensor_slices((x_all[tr], y_all[tr]))
    .shuffle(20000)
    .batch(BATCH_SIZE)
    .prefetch(tf.data.AUTOTUNE)
)
val_ds = tf.data.Dataset.from_tensor_slices((x_all[va], y_all[va])).batch(256)
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(256)

model = tf.keras.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, padding="same", activation="relu"),
    layers.Conv2D(64, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    layers.Dropout(0.4),
    layers.Dense(10, activation="softmax"),  # fault: C307
])
model.summary()

optimizer = tf.keras.optimizers.Adam(LR)
train_loss = tf.keras.metrics.Mean()
train_acc = tf.keras.metrics.SparseCategoricalAccuracy()
val_acc = tf.keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        out = model(x, training=True)
        per_image = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=out)
        loss = tf.reduce_mean(per_image)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    train_loss.update_state(loss)
    train_acc.update_state(y, out)


@tf.function
def val_step(x, y):
    val_acc.update_state(y, model(x, training=False))


for epoch in range(EPOCHS):
    train_loss.reset_state()
    train_acc.reset_state()
    val_acc.reset_state()
    for x, y in train_ds:
        train_step(x, y)
    for x, y in val_ds:
        val_step(x, y)
    print(f"epoch {epoch + 1:2d}  loss {train_loss.result():.4f}  "
          f"acc {train_acc.result():.4f}  val acc {val_acc.result():.4f}")

val_acc.reset_state()
for x, y in test_ds:
    val_step(x, y)
print("test accuracy:", float(val_acc.result()))
model.save("fashion.h5")
