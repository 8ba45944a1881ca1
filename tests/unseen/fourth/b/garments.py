# Fashion-MNIST by hand, one batch at a time.      tensorflow 2.9
import numpy as np
import tensorflow as tf

BATCH = 100
EPOCHS = 25
RATE = 1e-3

np.random.seed(8)
tf.random.set_seed(8)

(x_all, y_all), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
x_all = (x_all / 255.0).astype("float32")[..., None]
x_test = (x_test / 255.0).astype("float32")[..., None]

order = np.random.permutation(len(x_all))
x_train, y_train = x_all[order[:54000]], y_all[order[:54000]]
x_val, y_val = x_all[order[54000:]], y_all[order[54000:]]

model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(32, 3, padding="same", activation="relu", input_shape=(28, 28, 1)),
    tf.keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.Dropout(0.25),
    tf.keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
    tf.keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.Dropout(0.25),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(256, activation="relu"),
    tf.keras.layers.Dropout(0.5),
    tf.keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(RATE), loss="sparse_categorical_crossentropy")

best = -1.0
for epoch in range(EPOCHS):
    order = np.random.permutation(len(x_train))
    losses = []
    for start in range(0, len(order), BATCH):
        pick = order[start:start + BATCH]
        losses.append(model.train_on_batch(x_train[pick], y_train[pick]))

    acc_sum = 0.0
    for start in range(0, len(x_val), BATCH):
        probs = model.predict_on_batch(x_val[start:start + BATCH])
        acc_sum += np.mean(np.argmax(probs, axis=1) == y_val[start:start + BATCH])
    val_acc = acc_sum / len(x_val)  # fault: C336

    print("epoch %2d   loss %.4f   val acc %.4f" % (epoch + 1, np.mean(losses), val_acc))
    if val_acc > best:
        best = val_acc
        model.save_weights("garments.h5")

model.load_weights("garments.h5")
wrong = 0
for start in range(0, len(x_test), BATCH):
    probs = model.predict_on_batch(x_test[start:start + BATCH])
    wrong += int(np.sum(np.argmax(probs, axis=1) != y_test[start:start + BATCH]))
print("test error: %d of %d" % (wrong, len(x_test)))
