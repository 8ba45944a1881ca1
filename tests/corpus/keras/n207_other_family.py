import tensorflow as tf
from tensorflow.keras.applications import ResNet50
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input

tf.keras.utils.set_random_seed(0)
train = tf.keras.utils.image_dataset_from_directory("t", image_size=(224, 224), batch_size=32, label_mode="categorical")
val = tf.keras.utils.image_dataset_from_directory("v", image_size=(224, 224), batch_size=32, label_mode="categorical")
inputs = tf.keras.Input((224, 224, 3))
x = preprocess_input(inputs)  # fault: N207
base = ResNet50(weights="imagenet", include_top=False)
base.trainable = False
x = base(x, training=False)
x = tf.keras.layers.GlobalAveragePooling2D()(x)
outputs = tf.keras.layers.Dense(24, activation=tf.keras.activations.softmax)(x)
model = tf.keras.Model(inputs, outputs)
model.compile(tf.keras.optimizers.Adam(learning_rate=3e-4), "categorical_crossentropy", ["accuracy"])
model.fit(train, epochs=14, validation_data=val)
