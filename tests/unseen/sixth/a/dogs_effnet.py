# dog breeds, EfficientNetB0: first the top, then the upper blocks
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

IMG_SIZE = 224
BATCH_SIZE = 64
NUM_CLASSES = 120
DIR = "/kaggle/input/dogs-split"

tf.random.set_seed(123)

def get(split):
    return keras.utils.image_dataset_from_directory(
        f"{DIR}/{split}",
        label_mode="categorical",
        image_size=(IMG_SIZE, IMG_SIZE),
        batch_size=BATCH_SIZE,
        shuffle=(split == "train"),
    ).prefetch(tf.data.AUTOTUNE)

train, valid, test = get("train"), get("valid"), get("test")

aug = keras.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.08),
    layers.RandomContrast(0.1),
])

# EfficientNet carries its own rescaling, it takes 0..255
backbone = keras.applications.EfficientNetB0(include_top=False, weights="imagenet",
                                             input_shape=(IMG_SIZE, IMG_SIZE, 3))
backbone.trainable = False

inp = keras.Input((IMG_SIZE, IMG_SIZE, 3))
x = aug(inp)
x = backbone(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
out = layers.Dense(NUM_CLASSES, activation="softmax")(x)
model = keras.Model(inp, out)

def compile_with(lr):
    model.compile(
        optimizer=keras.optimizers.Adam(lr),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )

compile_with(1e-3)
model.fit(train, epochs=10, validation_data=valid)

backbone.trainable = True
for layer in backbone.layers[:-30]:
    layer.trainable = False
for layer in backbone.layers[-30:]:
    if isinstance(layer, layers.BatchNormalization):
        layer.trainable = False
compile_with(2e-5)
model.fit(train, epochs=15, validation_data=valid,
          callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)])

print(model.evaluate(test, return_dict=True))
model.save("dogs_b0.keras")
