import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.applications import ResNet50V2

SIZE = (128, 128)
BATCH = 32
SEED = 42
DATA = "gallery9"


def load(subset, shuffle):
    return tf.keras.utils.image_dataset_from_directory(
        DATA, labels="inferred", label_mode="categorical", image_size=SIZE, batch_size=BATCH,
        validation_split=0.2, subset=subset, seed=SEED, shuffle=shuffle)


train_ds = load("training", shuffle=True)
val_ds = load("validation", shuffle=False)
names = train_ds.class_names
print(names)
train_ds = train_ds.prefetch(tf.data.AUTOTUNE)
val_ds = val_ds.prefetch(tf.data.AUTOTUNE)

inputs = tf.keras.Input(SIZE + (3,))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.RandomRotation(0.05)(x)
x = layers.Rescaling(1 / 127.5, offset=-1)(x)
base = ResNet50V2(include_top=False, weights="weights/resnet50v2_notop.weights.h5", pooling="avg", input_shape=SIZE + (3,))
base.trainable = False
x = base(x, training=False)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(len(names), activation="softmax")(x)
model = tf.keras.Model(inputs, outputs)

model.compile(tf.keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train_ds, validation_data=val_ds, epochs=30,
          callbacks=[tf.keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)])
model.save("gallery.keras")
