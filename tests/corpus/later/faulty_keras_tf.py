import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(7)
(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0  # fault: N203

base = keras.applications.resnet.ResNet50(include_top=False, weights='imagenet', input_shape=(32, 32, 3))  # fault: C318
base.trainable = True
model = keras.Sequential([
    layers.InputLayer((32, 32, 3)),
    base,
    layers.GlobalAveragePooling2D(),
    layers.Dropout(0.3),
    layers.Dense(10, activation='relu'),  # fault: C308
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1.0),  # fault: C302
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])
model.fit(x_train, y_train, batch_size=64, epochs=10, validation_data=(x_test, y_test))
