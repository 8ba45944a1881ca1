# Faulty: C308, C312: one output unit goes through softmax (always 1.0) before binary cross-entropy, and the training images come class by class, unshuffled.
import tensorflow as tf
from tensorflow.keras import layers as L

TAILLE = 160
LOT = 64

# TP noté n°4 : chats contre chiens, réseau à nous, rien de pré-entraîné
train = tf.keras.utils.image_dataset_from_directory(
    "chats_chiens/train",
    labels="inferred",
    label_mode="binary",
    image_size=(TAILLE, TAILLE),
    batch_size=LOT,
    shuffle=False,  # fault: C312
)
val = tf.keras.utils.image_dataset_from_directory(
    "chats_chiens/validation",
    labels="inferred",
    label_mode="binary",
    image_size=(TAILLE, TAILLE),
    batch_size=LOT,
    shuffle=False,
)
train = train.prefetch(tf.data.AUTOTUNE)
val = val.cache().prefetch(tf.data.AUTOTUNE)

m = tf.keras.Sequential([
    tf.keras.Input((TAILLE, TAILLE, 3)),
    L.RandomFlip("horizontal"),
    L.RandomRotation(0.05),
    L.Rescaling(1.0 / 255),

    L.Conv2D(32, 3, activation="relu", padding="same"),
    L.MaxPooling2D(),
    L.Conv2D(64, 3, activation="relu", padding="same"),
    L.MaxPooling2D(),
    L.Conv2D(128, 3, activation="relu", padding="same"),
    L.MaxPooling2D(),
    L.Conv2D(128, 3, activation="relu", padding="same"),
    L.MaxPooling2D(),

    L.Flatten(),
    L.Dropout(0.5),
    L.Dense(256, activation="relu"),
    L.Dense(1, activation="softmax"),  # fault: C308
])

m.compile(
    loss="binary_crossentropy",
    optimizer=tf.keras.optimizers.Adam(learning_rate=5e-4),
    metrics=["accuracy"],
)

arret = tf.keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
m.fit(train, validation_data=val, epochs=50, callbacks=[arret])
m.save("chats_chiens.keras")
