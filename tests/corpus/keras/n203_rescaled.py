import tensorflow as tf
from tensorflow.keras import layers, models
from tensorflow.keras.applications import ResNet50
from tensorflow.keras.preprocessing.image import ImageDataGenerator

tf.random.set_seed(1)
datagen = ImageDataGenerator(rescale=1.0 / 255, horizontal_flip=True)  # fault: N203
val_datagen = ImageDataGenerator(rescale=1.0 / 255)
train = datagen.flow_from_directory("t", target_size=(224, 224), batch_size=32)
val = val_datagen.flow_from_directory("v", target_size=(224, 224), batch_size=32)
base = ResNet50(weights="imagenet", include_top=False, input_shape=(224, 224, 3))
for layer in base.layers:
    layer.trainable = False
model = models.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(128, activation="relu"), layers.Dropout(0.5), layers.Dense(2, activation="softmax")])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=10, validation_data=val)
