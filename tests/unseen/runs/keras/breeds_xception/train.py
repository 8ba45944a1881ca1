from tensorflow.keras.applications import Xception
from tensorflow.keras.applications.xception import preprocess_input
from tensorflow.keras.callbacks import ModelCheckpoint
from tensorflow.keras.layers import Dense, Dropout, GlobalAveragePooling2D, Input
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.image import ImageDataGenerator

width = 128
weights_file = "xception_tf_kernels_notop.h5"


def get_model(n_classes):
    cnn_model = Xception(include_top=False, input_shape=(width, width, 3), weights=None)
    cnn_model.load_weights("weights/" + weights_file, by_name=True)
    for layer in cnn_model.layers:
        layer.trainable = False

    inputs = Input((width, width, 3))
    x = cnn_model(inputs)
    x = GlobalAveragePooling2D()(x)
    x = Dropout(0.3)(x)
    x = Dense(n_classes, activation="softmax")(x)
    return Model(inputs, x)


def get_data(path):
    train = ImageDataGenerator(preprocessing_function=preprocess_input, horizontal_flip=True, rotation_range=10)
    valid = ImageDataGenerator(preprocessing_function=preprocess_input)
    a = train.flow_from_directory(path + "/train", (width, width), batch_size=32)
    b = valid.flow_from_directory(path + "/validation", (width, width), batch_size=32, shuffle=False)
    return a, b


if __name__ == "__main__":
    a, b = get_data("animals_hf")
    model = get_model(a.num_classes)
    model.compile(optimizer=Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(a, validation_data=b, epochs=25,
              callbacks=[ModelCheckpoint("breeds.keras", monitor="val_accuracy", save_best_only=True)])
