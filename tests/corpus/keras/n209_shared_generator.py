import tensorflow as tf
from tensorflow.keras.applications.resnet50 import ResNet50, preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator

tf.random.set_seed(6)
gen = ImageDataGenerator(
    preprocessing_function=preprocess_input,
    rotation_range=25,  # fault: N209
    horizontal_flip=True,
    validation_split=0.2,
)
train = gen.flow_from_directory("all", target_size=(224, 224), batch_size=32, subset="training")
val = gen.flow_from_directory("all", target_size=(224, 224), batch_size=32, subset="validation")
base = ResNet50(include_top=False, weights="imagenet", pooling="avg")
base.trainable = False
model = tf.keras.Sequential([base, tf.keras.layers.Dense(11, activation="softmax")])
model.compile(optimizer=tf.keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=8)
