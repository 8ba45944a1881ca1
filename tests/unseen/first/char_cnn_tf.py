# Faulty: C308: the network gives logits, the loss given by name takes them for probabilities
# Handwritten letters A-Z (EMNIST letters via tfds) - homework 4, group 12
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow.keras import layers, regularizers

(ds_train, ds_test), info = tfds.load(
    "emnist/letters", split=["train", "test"], shuffle_files=True, as_supervised=True, with_info=True)

N_LETTERS = 26
BATCH_SIZE = 256
NUM_EPOCHS = 20


# EMNIST images are stored transposed, labels run from 1 to 26
def prepare(image, label):
    image = tf.transpose(image, [1, 0, 2])
    image = tf.cast(image, tf.float32) / 255.
    return image, label - 1


ds_train = ds_train.map(prepare, num_parallel_calls=tf.data.AUTOTUNE)
ds_train = ds_train.cache()
ds_train = ds_train.shuffle(info.splits["train"].num_examples)
ds_train = ds_train.batch(BATCH_SIZE)
ds_train = ds_train.prefetch(tf.data.AUTOTUNE)

ds_test = ds_test.map(prepare, num_parallel_calls=tf.data.AUTOTUNE)
ds_test = ds_test.batch(BATCH_SIZE).cache().prefetch(tf.data.AUTOTUNE)


def conv_block(filters):
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_regularizer=regularizers.l2(1e-4)),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
    ]


model = tf.keras.models.Sequential(
    [tf.keras.Input((28, 28, 1)), layers.RandomTranslation(0.08, 0.08, fill_mode="constant")]
    + conv_block(32)
    + conv_block(64)
    + conv_block(128)
    + [layers.Flatten(), layers.Dropout(0.4), layers.Dense(N_LETTERS)]
)

model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])  # fault: C308

reduce = tf.keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", factor=0.5, patience=2, verbose=1)
history = model.fit(ds_train, epochs=NUM_EPOCHS, validation_data=ds_test, callbacks=[reduce])

loss, acc = model.evaluate(ds_test, verbose=0)
print("Test accuracy: %.2f%%" % (acc * 100))
model.save("letters.keras")
