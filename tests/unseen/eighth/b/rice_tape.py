"""
Rice varieties (Arborio, Basmati, Ipsala, Jasmine, Karacadag) - training loop by hand.
usage: rice_tape.py [folder]
"""
import os, sys, time
import tensorflow as tf
from tensorflow import keras
from sklearn.model_selection import train_test_split

folder = sys.argv[1] if len(sys.argv) > 1 else "Rice_Image_Dataset"
VARIETIES = ["Arborio", "Basmati", "Ipsala", "Jasmine", "Karacadag"]
EDGE, BATCH_SIZE, NUM_EPOCHS = 112, 64, 8

tf.random.set_seed(3)

grain_paths, grain_ids = [], []
for v in VARIETIES:
    for fn in sorted(os.listdir(os.path.join(folder, v))):
        if fn.endswith(".jpg"):
            grain_paths.append(os.path.join(folder, v, fn))
            grain_ids.append(VARIETIES.index(v))

p_train, p_val, y_train, y_val = train_test_split(
    grain_paths, grain_ids, test_size=0.15, stratify=grain_ids, random_state=3)


def to_tensor(path):
    raw = tf.io.read_file(path)
    img = tf.io.decode_jpeg(raw, channels=3)
    img = tf.image.resize(img, [EDGE, EDGE])
    return tf.image.convert_image_dtype(img, tf.float32)  # fault: C337


def train_map(path, y):
    img = to_tensor(path)
    img = tf.image.random_flip_left_right(img)
    img = tf.image.random_flip_up_down(img)
    return img, y


def val_map(path, y):
    return to_tensor(path), y


train_batches = (tf.data.Dataset.from_tensor_slices((p_train, y_train))
                 .shuffle(len(p_train), reshuffle_each_iteration=True)
                 .map(train_map, tf.data.AUTOTUNE)
                 .batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE))
val_batches = (tf.data.Dataset.from_tensor_slices((p_val, y_val))
               .map(val_map, tf.data.AUTOTUNE)
               .batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE))


class RiceNet(keras.Model):
    def __init__(self, n):
        super().__init__()
        self.c1 = keras.layers.Conv2D(16, 5, strides=2, activation="relu")
        self.c2 = keras.layers.Conv2D(32, 3, activation="relu")
        self.p = keras.layers.MaxPooling2D()
        self.c3 = keras.layers.Conv2D(64, 3, activation="relu")
        self.gap = keras.layers.GlobalAveragePooling2D()
        self.fc = keras.layers.Dense(64, activation="relu")
        self.out = keras.layers.Dense(n)

    def call(self, x):
        x = self.p(self.c1(x))
        x = self.p(self.c2(x))
        x = self.gap(self.c3(x))
        return self.out(self.fc(x))


net = RiceNet(len(VARIETIES))
criterion = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
sched = keras.optimizers.schedules.ExponentialDecay(1e-3, decay_steps=1000, decay_rate=0.8, staircase=True)
opt = keras.optimizers.Adam(learning_rate=sched)

loss_avg = keras.metrics.Mean()
acc_train = keras.metrics.SparseCategoricalAccuracy()
acc_val = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def step(img, y):
    with tf.GradientTape() as tape:
        z = net(img, training=True)
        loss = criterion(y, z)
    g = tape.gradient(loss, net.trainable_variables)
    opt.apply_gradients(zip(g, net.trainable_variables))
    loss_avg.update_state(loss)
    acc_train.update_state(y, z)


@tf.function
def check(img, y):
    acc_val.update_state(y, net(img, training=False))


for ep in range(1, NUM_EPOCHS + 1):
    t0 = time.time()
    for img, y in train_batches:
        step(img, y)
    for img, y in val_batches:
        check(img, y)
    print(f"{ep:2d}  loss {loss_avg.result():.4f}  train {acc_train.result():.4f}  "
          f"val {acc_val.result():.4f}  {time.time() - t0:.0f}s")
    for m in (loss_avg, acc_train, acc_val):
        m.reset_state()

net.save_weights("rice.weights.h5")
