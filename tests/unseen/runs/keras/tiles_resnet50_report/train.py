# ResNet50 transfer learning on object tiles, confusion matrix at the end
import numpy as np
from tensorflow.keras import layers, models, optimizers
from tensorflow.keras.applications.resnet50 import ResNet50, preprocess_input
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint
from tensorflow.keras.preprocessing.image import ImageDataGenerator

SIZE = (128, 128)
BATCH = 32


def make_flows(root):
    augmented = ImageDataGenerator(preprocessing_function=preprocess_input, rotation_range=15,
                                   horizontal_flip=True, zoom_range=0.15)
    plain = ImageDataGenerator(preprocessing_function=preprocess_input)
    common = dict(target_size=SIZE, batch_size=BATCH, class_mode="categorical")
    train = augmented.flow_from_directory(root + "/train", seed=7, **common)
    val = plain.flow_from_directory(root + "/val", shuffle=False, **common)
    test = plain.flow_from_directory(root + "/test", **common)
    return train, val, test


def confusion(truth, guess, n):
    m = np.zeros((n, n), dtype=int)
    for t, g in zip(truth, guess):
        m[t, g] += 1
    return m


train_flow, val_flow, test_flow = make_flows("objects10")

base = ResNet50(weights="weights/resnet50_notop.weights.h5", include_top=False, pooling="avg", input_shape=SIZE + (3,))
base.trainable = False
model = models.Sequential([
    base,
    layers.Dropout(0.3),
    layers.Dense(train_flow.num_classes, activation="softmax"),
])
model.compile(optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train_flow, validation_data=val_flow, epochs=20,
          callbacks=[EarlyStopping(patience=5, restore_best_weights=True),
                     ModelCheckpoint("tiles_best.keras", save_best_only=True)])

probs = model.predict(test_flow, steps=len(test_flow))
guess = np.argmax(probs, axis=1)
truth = test_flow.classes
print("test accuracy", np.mean(guess == truth))
names = list(test_flow.class_indices)
table = confusion(truth, guess, len(names))
print(table)
for i, n in enumerate(names):
    print(f"{n:12s} recall {table[i, i] / max(1, table[i].sum()):.2f}  precision {table[i, i] / max(1, table[:, i].sum()):.2f}")
