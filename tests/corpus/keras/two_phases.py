import keras
from keras import layers

keras.utils.set_random_seed(2)
size = (224, 224)
train_ds = keras.utils.image_dataset_from_directory("PetImages/train", image_size=size, batch_size=64)
val_ds = keras.utils.image_dataset_from_directory("PetImages/val", image_size=size, batch_size=64)

base_model = keras.applications.Xception(weights="imagenet", input_shape=(224, 224, 3), include_top=False)
base_model.trainable = False
inputs = keras.Input(shape=(224, 224, 3))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.Rescaling(scale=1 / 127.5, offset=-1)(x)
x = base_model(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(), loss=keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train_ds, epochs=20, validation_data=val_ds)

base_model.trainable = True
model.compile(optimizer=keras.optimizers.Adam(1e-5), loss=keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train_ds, epochs=10, validation_data=val_ds)
