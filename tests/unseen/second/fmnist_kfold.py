# Sound.
# 5-fold cross validation on Fashion-MNIST (assignment 2, part b)
import numpy as np
import tensorflow as tf
from sklearn.model_selection import StratifiedKFold

tf.keras.utils.set_random_seed(2021)

(train_images, train_labels), (test_images, test_labels) = (
    tf.keras.datasets.fashion_mnist.load_data()
)


def to_input(images):
    # (n, 28, 28) uint8  ->  (n, 28, 28, 1) float in [0, 1]
    return np.expand_dims(images, -1).astype(np.float32) / 255.0


X = to_input(train_images)
y = train_labels
X_test = to_input(test_images)


def build_and_compile(filters=(32, 64), lr=0.001):
    model = tf.keras.Sequential()
    model.add(tf.keras.Input(shape=(28, 28, 1)))
    for f in filters:
        model.add(tf.keras.layers.Conv2D(f, 3, padding="same"))
        model.add(tf.keras.layers.BatchNormalization())
        model.add(tf.keras.layers.Activation("relu"))
        model.add(tf.keras.layers.MaxPooling2D())
        model.add(tf.keras.layers.Dropout(0.25))
    model.add(tf.keras.layers.Flatten())
    model.add(tf.keras.layers.Dense(128, activation="relu"))
    model.add(tf.keras.layers.Dropout(0.5))
    model.add(tf.keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=tf.keras.optimizers.Nadam(learning_rate=lr),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


skf = StratifiedKFold(n_splits=5, shuffle=True, random_state=2021)
fold_acc = []
votes = np.zeros((len(X_test), 10))

for k, (tr, va) in enumerate(skf.split(X, y), start=1):
    # a fresh model every time, otherwise the next fold has seen its own validation part
    tf.keras.backend.clear_session()
    model = build_and_compile()
    model.fit(
        X[tr],
        y[tr],
        batch_size=256,
        epochs=20,
        validation_data=(X[va], y[va]),
        verbose=0,
    )
    _, acc = model.evaluate(X[va], y[va], verbose=0)
    print(f"fold {k}: {acc:.4f}")
    fold_acc.append(acc)
    votes += model.predict(X_test, batch_size=512, verbose=0)

print("cv accuracy  %.4f +- %.4f" % (np.mean(fold_acc), np.std(fold_acc)))
print("ensemble on test  %.4f" % np.mean(votes.argmax(1) == test_labels))
