import os
import random

import keras
from keras import layers, regularizers

from sequence import PetSequence

FOLDER = "pets_flat"
SIZE, BATCH, EPOCHS = 64, 32, 60

random.seed(21)
keras.utils.set_random_seed(21)

names = sorted(f for f in os.listdir(FOLDER) if f.endswith(".jpg"))
classes = sorted({n.split("_")[0] for n in names})
random.shuffle(names)
cut = int(0.8 * len(names))
train_seq = PetSequence(FOLDER, names[:cut], classes, BATCH, SIZE, train=True, seed=21)
val_seq = PetSequence(FOLDER, names[cut:], classes, BATCH, SIZE, train=False)
print(classes, len(names[:cut]), len(names[cut:]))


def conv_bn(x, filters, stride=1):
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False,
                      kernel_initializer="he_normal", kernel_regularizer=regularizers.l2(1e-4))(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)


inp = keras.Input((SIZE, SIZE, 3))
x = layers.Normalization(mean=[0.48, 0.46, 0.40], variance=[0.06, 0.06, 0.07])(inp)
for f in (32, 64, 128, 192):
    x = conv_bn(x, f)
    x = conv_bn(x, f, stride=2)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.3)(x)
logits = layers.Dense(len(classes))(x)
model = keras.Model(inp, logits)

steps = len(train_seq)
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=(EPOCHS - 3) * steps, warmup_target=0.05, warmup_steps=3 * steps)
model.compile(
    optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    metrics=[keras.metrics.CategoricalAccuracy(name="acc")],
)

# shuffle=False: PetSequence mixes its own order after every epoch
model.fit(
    train_seq,
    validation_data=val_seq,
    epochs=EPOCHS,
    shuffle=False,
    callbacks=[keras.callbacks.ModelCheckpoint("pets_best.keras", monitor="val_acc", mode="max",
                                               save_best_only=True),
               keras.callbacks.CSVLogger("pets_log.csv")],
)
