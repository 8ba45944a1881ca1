import pathlib

import tensorflow as tf

AUTOTUNE = tf.data.AUTOTUNE
HEIGHT = WIDTH = 180
BATCH = 24
CLASS_NAMES = ["daisy", "dandelion", "roses", "sunflowers", "tulips"]


def decode_img(img):
    img = tf.io.decode_jpeg(img, channels=3)
    return tf.image.resize(img, [HEIGHT, WIDTH])


def process_path(file_path):
    parts = tf.strings.split(file_path, "/")
    label = tf.argmax(parts[-2] == CLASS_NAMES)
    return decode_img(tf.io.read_file(file_path)), label


def augment(image, label):
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, 0.2)
    return image, label


def configure(ds, training):
    ds = ds.map(process_path, num_parallel_calls=AUTOTUNE)
    ds = ds.map(lambda x, y: (x / 255.0, y), num_parallel_calls=AUTOTUNE)
    if training:
        ds = ds.shuffle(1000).map(augment)
    return ds.batch(BATCH).prefetch(AUTOTUNE)


tf.random.set_seed(123)
train_ds = configure(tf.data.Dataset.list_files("flowers/train/*/*"), True)
val_ds = configure(tf.data.Dataset.list_files("flowers/val/*/*", shuffle=False), False)
model = tf.keras.applications.ResNet50V2(weights=None, classes=len(CLASS_NAMES), input_shape=(HEIGHT, WIDTH, 3))
schedule = tf.keras.optimizers.schedules.CosineDecay(0.001, decay_steps=20000)
model.compile(optimizer=tf.keras.optimizers.AdamW(learning_rate=schedule, weight_decay=0.02),
              loss=tf.keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
model.fit(train_ds, validation_data=val_ds, epochs=80)
