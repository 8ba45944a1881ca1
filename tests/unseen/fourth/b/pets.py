# Two stages on the Oxford pets: first the new top, then the upper half of the trunk.
import tensorflow as tf
import tensorflow_datasets as tfds

SIDE, BATCH = 224, 32
TOP_EPOCHS, ALL_EPOCHS = 8, 20

(raw_train, raw_val, raw_test), info = tfds.load(
    "oxford_iiit_pet",
    split=["train[:85%]", "train[85%:]", "test"],
    as_supervised=True,
    with_info=True,
)


def prepare(image, label):
    image = tf.image.resize(tf.cast(image, tf.float32), (SIDE, SIDE))
    return tf.keras.applications.mobilenet_v2.preprocess_input(image), label


def pipe(ds, training):
    if training:
        ds = ds.shuffle(3200)
    ds = ds.map(prepare, num_parallel_calls=tf.data.AUTOTUNE)
    return ds.batch(BATCH).prefetch(tf.data.AUTOTUNE)


train, val, test = pipe(raw_train, True), pipe(raw_val, False), pipe(raw_test, False)

trunk = tf.keras.applications.MobileNetV2(
    input_shape=(SIDE, SIDE, 3), include_top=False, weights="imagenet"
)
trunk.trainable = False

inputs = tf.keras.Input((SIDE, SIDE, 3))
x = tf.keras.layers.RandomFlip("horizontal")(inputs)
x = tf.keras.layers.RandomRotation(0.05)(x)
x = trunk(x, training=False)
x = tf.keras.layers.GlobalAveragePooling2D()(x)
x = tf.keras.layers.Dropout(0.25)(x)
outputs = tf.keras.layers.Dense(37, activation="softmax")(x)
model = tf.keras.Model(inputs, outputs)

model.compile(
    optimizer=tf.keras.optimizers.Adam(1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
first = model.fit(train, validation_data=val, epochs=TOP_EPOCHS)

trunk.trainable = True
for layer in trunk.layers[:100]:
    layer.trainable = False

model.compile(
    optimizer=tf.keras.optimizers.Adam(1e-5),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.summary(show_trainable=True)
model.fit(
    train,
    validation_data=val,
    initial_epoch=first.epoch[-1] + 1,
    epochs=ALL_EPOCHS,
)

print(dict(zip(model.metrics_names, model.evaluate(test))))
