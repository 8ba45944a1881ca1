import keras
from keras import layers
from keras.applications.resnet50 import ResNet50, preprocess_input

keras.utils.set_random_seed(1)
train = keras.utils.image_dataset_from_directory("t", image_size=(224, 224))
val = keras.utils.image_dataset_from_directory("v", image_size=(224, 224))
train = train.map(lambda x, y: (preprocess_input(x), y))
val = val.map(lambda x, y: (preprocess_input(x), y))
base = ResNet50(weights="imagenet", include_top=False, pooling="avg")
base.trainable = False
x = layers.Dropout(0.2)(base.output)
out = layers.Dense(15, activation="softmax")(x)  # fault: C307
model = keras.Model(base.input, out)
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(train, validation_data=val, epochs=10)
