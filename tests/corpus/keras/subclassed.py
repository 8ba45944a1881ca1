import keras
from keras import layers


class Classifier(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.rescale = layers.Rescaling(1.0 / 255)
        self.conv1 = layers.Conv2D(32, 3, activation="relu")
        self.pool = layers.MaxPooling2D()
        self.conv2 = layers.Conv2D(64, 3, activation="relu")
        self.gap = layers.GlobalAveragePooling2D()
        self.drop = layers.Dropout(0.4)
        self.fc = layers.Dense(classes, activation="softmax")

    def call(self, x, training=False):
        x = self.rescale(x)
        x = self.pool(self.conv1(x))
        x = self.gap(self.conv2(x))
        x = self.drop(x, training=training)
        return self.fc(x)


keras.utils.set_random_seed(21)
train = keras.utils.image_dataset_from_directory("fruit", validation_split=0.2, subset="training", seed=21,
                                                 image_size=(96, 96), batch_size=50)
val = keras.utils.image_dataset_from_directory("fruit", validation_split=0.2, subset="validation", seed=21,
                                               image_size=(96, 96), batch_size=50)
model = Classifier(8)
model.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.9), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=40)
