# Kaggle-style script: ResNet50, two-stage fine-tuning
import os

import numpy as np
import tensorflow as tf
from tensorflow.keras.applications import resnet50
from tensorflow.keras.callbacks import EarlyStopping, ReduceLROnPlateau
from tensorflow.keras.layers import BatchNormalization, Dense, Dropout, GlobalAveragePooling2D, Input
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.image import ImageDataGenerator


class CFG:
    root = "stamps5"
    img_size = 160
    batch_size = 32
    epochs_head = 20
    epochs_full = 30
    lr_head = 1e-3
    lr_full = 1e-5
    seed = 2023


tf.keras.utils.set_random_seed(CFG.seed)


def flows():
    tr = ImageDataGenerator(preprocessing_function=resnet50.preprocess_input, horizontal_flip=True,
                            width_shift_range=0.05, height_shift_range=0.05, fill_mode="nearest")
    ev = ImageDataGenerator(preprocessing_function=resnet50.preprocess_input)
    kw = dict(target_size=(CFG.img_size,) * 2, batch_size=CFG.batch_size, class_mode="categorical")
    return (tr.flow_from_directory(os.path.join(CFG.root, "train"), shuffle=True, seed=CFG.seed, **kw),
            ev.flow_from_directory(os.path.join(CFG.root, "val"), shuffle=False, **kw),
            ev.flow_from_directory(os.path.join(CFG.root, "test"), shuffle=False, **kw))


def build(n):
    base = resnet50.ResNet50(include_top=False, weights="weights/resnet50_notop.weights.h5",
                             input_shape=(CFG.img_size, CFG.img_size, 3))
    base.trainable = False
    inp = Input((CFG.img_size, CFG.img_size, 3))
    x = base(inp, training=False)
    x = GlobalAveragePooling2D()(x)
    x = Dropout(0.4)(x)
    out = Dense(n, activation="softmax")(x)
    return Model(inp, out), base


train_gen, val_gen, test_gen = flows()
# the classes are not equally large
counts = np.bincount(train_gen.classes)
weights = {i: len(train_gen.classes) / (len(counts) * c) for i, c in enumerate(counts)}

model, base = build(train_gen.num_classes)
model.compile(optimizer=Adam(CFG.lr_head), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train_gen, validation_data=val_gen, epochs=CFG.epochs_head, class_weight=weights,
          callbacks=[EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)])

# stage two: last block, batch normalisation stays as it is
base.trainable = True
for layer in base.layers:
    layer.trainable = layer.name.startswith("conv5") and not isinstance(layer, BatchNormalization)
model.compile(optimizer=Adam(CFG.lr_full), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train_gen, validation_data=val_gen, epochs=CFG.epochs_full, class_weight=weights,
          callbacks=[EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True),
                     ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=3)])

pred = model.predict(test_gen).argmax(axis=1)
print("test accuracy: %.3f" % (pred == test_gen.classes).mean())
