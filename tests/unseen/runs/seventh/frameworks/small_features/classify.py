# %% few pictures, so: features of the house backbone (trained by the robotics group) + small head
import os, sys, random
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras
import tensorflow as tf
from keras import layers
from keras.applications import mobilenet_v3

EPOCHS = 60
if "--epochs" in sys.argv:
    EPOCHS = int(sys.argv[sys.argv.index("--epochs") + 1])
SIZE, BATCH = 48, 30
keras.utils.set_random_seed(42)

# %% the list
with open("small48/labels.txt") as f:
    rows = [line.split() for line in f if line.strip()]
random.Random(42).shuffle(rows)
names = sorted({c for _, c in rows})
n_val = len(rows) // 5
val_rows, train_rows = rows[:n_val], rows[n_val:]
print(names, len(train_rows), len(val_rows))


# %% input
def decode(path, label):
    im = tf.io.decode_png(tf.io.read_file(path), channels=3)
    im = tf.image.resize(im, (SIZE, SIZE))
    return im, tf.one_hot(label, len(names))


def augment(im, label):
    im = tf.image.random_flip_left_right(im)
    im = tf.image.random_brightness(im, 20.0)
    return tf.clip_by_value(im, 0.0, 255.0), label


def to_network(im, label):
    # the backbone is of the mobilenet family and wants -1..1
    return mobilenet_v3.preprocess_input(im), label


def make(rows, training):
    ds = tf.data.Dataset.from_tensor_slices((["small48/jpg/" + f for f, _ in rows], [names.index(c) for _, c in rows]))
    ds = ds.map(decode, num_parallel_calls=2).cache()
    if training:
        ds = ds.shuffle(len(rows)).map(augment)
    return ds.map(to_network).batch(BATCH).prefetch(1)


train_ds, val_ds = make(train_rows, True), make(val_rows, False)

# %% network
backbone = keras.saving.load_model("pretrained/mobile48.keras", compile=False)
backbone.trainable = False
model = keras.Sequential([
    backbone,
    layers.Dropout(0.25),
    layers.Dense(96, activation="gelu"),
    layers.Dropout(0.25),
    layers.Dense(len(names)),
], name="head_on_mobile")
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
    metrics=["accuracy"],
)
model.summary()

# %% training
stop = keras.callbacks.EarlyStopping(monitor="val_accuracy", mode="max", patience=25, restore_best_weights=True)
hist = model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS, callbacks=[stop], verbose=2)

# %%
loss, acc = model.evaluate(val_ds, verbose=0)
print(f"final: {loss:.3f} {acc:.3f}")
