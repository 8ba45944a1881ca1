"""Two-stage transfer: train a head on the encoder, then fine-tune the encoder's last stages."""
import glob
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import tensorflow as tf
from keras import layers

SIZE, BATCH = 96, 32
HEAD_EPOCHS, TUNE_EPOCHS = 3, 40
WEIGHTS = "../weights/encoder.weights.h5"
keras.utils.set_random_seed(8)

files = np.array(sorted(glob.glob("*.jpg")))
kinds = sorted({f.split("_")[0] for f in files})
labels = np.array([kinds.index(f.split("_")[0]) for f in files], dtype="int32")
order = np.random.permutation(len(files))
files, labels = files[order], labels[order]
n_val = len(files) // 5


def read(path, label):
    img = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    img = tf.ensure_shape(img, (SIZE, SIZE, 3))
    return tf.cast(img, tf.float32), label


def dataset(f, y, training):
    ds = tf.data.Dataset.from_tensor_slices((f, y))
    if training:
        ds = ds.shuffle(len(f))
    return ds.map(read, num_parallel_calls=2).batch(BATCH).prefetch(2)


train = dataset(files[n_val:], labels[n_val:], True)
valid = dataset(files[:n_val], labels[:n_val], False)


def encoder():
    i = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(i)
    for n, f in enumerate((32, 64, 96, 128)):
        x = layers.Conv2D(f, 3, strides=2, padding="same", use_bias=False, name=f"c{n}")(x)
        x = layers.BatchNormalization(name=f"b{n}")(x)
        x = layers.ReLU(name=f"r{n}")(x)
    return keras.Model(i, layers.GlobalAveragePooling2D()(x), name="encoder")


base = encoder()
base.load_weights(WEIGHTS)
base.trainable = False

inp = keras.Input((SIZE, SIZE, 3))
x = layers.RandomFlip("horizontal")(inp)
x = layers.RandomZoom(0.1)(x)
x = base(x, training=False)
x = layers.Dropout(0.2)(x)
out = layers.Dense(len(kinds))(x)
model = keras.Model(inp, out)

model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
print("training the head:", len(model.trainable_weights), "trainable tensors")
model.fit(train, validation_data=valid, epochs=HEAD_EPOCHS, verbose=2)

base.trainable = True
for layer in base.layers:
    if layer.name in ("c0", "c1") or isinstance(layer, layers.BatchNormalization):
        layer.trainable = False
model.optimizer.learning_rate = 2e-4
print("fine-tuning:", len(model.trainable_weights), "trainable tensors")
model.fit(train, validation_data=valid, initial_epoch=HEAD_EPOCHS, epochs=HEAD_EPOCHS + TUNE_EPOCHS, verbose=2)
model.save("animals_finetuned.keras")
