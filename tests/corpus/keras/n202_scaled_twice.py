import tensorflow as tf
from tensorflow.keras.applications import EfficientNetB0

tf.random.set_seed(0)


def prepare(image, label):
    image = tf.cast(image, tf.float32) / 255.0
    return image, label


train = tf.keras.utils.image_dataset_from_directory("t", image_size=(224, 224), batch_size=32).map(prepare)
val = tf.keras.utils.image_dataset_from_directory("v", image_size=(224, 224), batch_size=32).map(prepare)
base = EfficientNetB0(include_top=False, weights="imagenet", pooling="avg")  # fault: N202
base.trainable = False
model = tf.keras.Sequential([base, tf.keras.layers.Dense(5, activation="softmax")])
model.compile(optimizer=tf.keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=6)
