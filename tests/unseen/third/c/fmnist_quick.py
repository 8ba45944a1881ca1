# fashion mnist, small cnn. run with: python fmnist_quick.py
import tensorflow as tf
from tensorflow.keras import layers, models

tf.random.set_seed(0)

(x_tr, y_tr), (x_te, y_te) = tf.keras.datasets.fashion_mnist.load_data()
print(x_tr.shape, y_tr.shape, x_te.shape, y_te.shape)

x_tr, y_tr, x_te, y_te = [a.astype("float32") / 255.0 for a in (x_tr, y_tr, x_te, y_te)]  # fault: C308
x_tr, x_te = x_tr[..., None], x_te[..., None]

# last 5000 for validation
x_va, y_va = x_tr[-5000:], y_tr[-5000:]
x_tr, y_tr = x_tr[:-5000], y_tr[:-5000]

train = tf.data.Dataset.from_tensor_slices((x_tr, y_tr)).shuffle(55000).batch(64).prefetch(tf.data.AUTOTUNE)
val = tf.data.Dataset.from_tensor_slices((x_va, y_va)).batch(256)
test = tf.data.Dataset.from_tensor_slices((x_te, y_te)).batch(256)

model = models.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(128, 3, padding="same", activation="relu"),
    layers.Flatten(),
    layers.Dropout(0.4),
    layers.Dense(128, activation="relu"),
    layers.Dense(10),
])

model.compile(
    optimizer=tf.keras.optimizers.Adam(0.001),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)

history = model.fit(train, validation_data=val, epochs=12)
print("test:", model.evaluate(test, verbose=0))

model.save("fmnist_cnn.keras")
