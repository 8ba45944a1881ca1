"""Fine-tunes DenseNet121 on x-ray pictures."""
from tensorflow import keras
from tensorflow.keras.applications import DenseNet121
from tensorflow.keras.applications.densenet import preprocess_input
from tensorflow.keras.layers import BatchNormalization, Dense, GlobalAveragePooling2D
from tensorflow.keras.preprocessing.image import ImageDataGenerator

config = {"img": 224, "bs": 8, "lr": 5e-5, "epochs": 9}
keras.utils.set_random_seed(5)
train_gen = ImageDataGenerator(preprocessing_function=preprocess_input, zoom_range=0.1)
valid_gen = ImageDataGenerator(preprocessing_function=preprocess_input)
flow = dict(target_size=(config["img"], config["img"]), batch_size=config["bs"], class_mode="sparse")
train_it = train_gen.flow_from_directory("xray/train", **flow)
valid_it = valid_gen.flow_from_directory("xray/val", shuffle=False, **flow)
base = DenseNet121(weights="imagenet", include_top=False, input_shape=(config["img"], config["img"], 3))
net = keras.Sequential([base, GlobalAveragePooling2D(), BatchNormalization(), Dense(4, activation="softmax")])
net.compile(optimizer=keras.optimizers.Adam(config["lr"]), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
net.fit(train_it, validation_data=valid_it, epochs=config["epochs"], callbacks=[stop])
