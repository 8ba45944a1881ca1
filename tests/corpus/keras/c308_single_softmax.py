import tensorflow as tf
from tensorflow.keras import layers

tf.random.set_seed(8)
train = tf.keras.utils.image_dataset_from_directory("t", image_size=(150, 150), batch_size=20, label_mode="binary")
val = tf.keras.utils.image_dataset_from_directory("v", image_size=(150, 150), batch_size=20, label_mode="binary")
model = tf.keras.models.Sequential([
    layers.Rescaling(1./255, input_shape=(150, 150, 3)),
    layers.RandomFlip("horizontal"),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, activation="relu"),
    layers.Flatten(),
    layers.Dense(1, activation="softmax"),  # fault: C308
])
model.compile(optimizer="rmsprop",
              loss="binary_crossentropy",
              metrics=["accuracy"])
model.fit(train, epochs=20, validation_data=val)
