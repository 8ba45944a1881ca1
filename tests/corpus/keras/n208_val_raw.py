import keras
from keras import layers
from keras.preprocessing.image import ImageDataGenerator

keras.utils.set_random_seed(4)
train_aug = ImageDataGenerator(rescale=1/255., rotation_range=30, zoom_range=0.15, horizontal_flip=True)
val_aug = ImageDataGenerator()  # fault: N208
train_gen = train_aug.flow_from_directory("tr", target_size=(128, 128), batch_size=32, class_mode="categorical")
val_gen = val_aug.flow_from_directory("va", target_size=(128, 128), batch_size=32, class_mode="categorical", shuffle=False)
model = keras.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation="relu", input_shape=(128, 128, 3)))
model.add(layers.MaxPooling2D(2, 2))
model.add(layers.Conv2D(64, (3, 3), activation="relu"))
model.add(layers.GlobalAveragePooling2D())
model.add(layers.Dense(6))
model.add(layers.Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(learning_rate=1e-4), metrics=["acc"])
model.fit(train_gen, epochs=60, validation_data=val_gen)
