# Mülltrennung: 6 Sorten, Transferlernen mit MobileNetV2
# (TensorFlow 2.10, eigene Schleife, damit ich nach jedem Schritt loggen kann)
import csv
import time

import tensorflow as tf
from tensorflow.keras import Model, layers, optimizers
from tensorflow.keras.applications import MobileNetV2
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input

DATEN = 'muell'
GROESSE = 224
BATCH = 32
EPOCHEN_KOPF = 4
EPOCHEN_FEIN = 12
SEED = 77

tf.keras.utils.set_random_seed(SEED)

train = tf.keras.utils.image_dataset_from_directory(
    DATEN + '/train', image_size=(GROESSE, GROESSE), batch_size=BATCH, shuffle=True, seed=SEED)
valid = tf.keras.utils.image_dataset_from_directory(
    DATEN + '/valid', image_size=(GROESSE, GROESSE), batch_size=BATCH, shuffle=False)
klassen = train.class_names
print(klassen)
train = train.prefetch(tf.data.AUTOTUNE)
valid = valid.cache().prefetch(tf.data.AUTOTUNE)

basis = MobileNetV2(include_top=False, weights='imagenet', input_shape=(GROESSE, GROESSE, 3))
basis.trainable = False

ein = layers.Input((GROESSE, GROESSE, 3))
x = layers.RandomFlip('horizontal')(ein)
x = layers.RandomRotation(0.08)(x)
x = layers.RandomZoom(0.1)(x)
x = preprocess_input(x)
x = basis(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.25)(x)
aus = layers.Dense(len(klassen), activation='softmax')(x)
modell = Model(ein, aus)

modell.compile(optimizer=optimizers.Adam(1e-3),
               loss='sparse_categorical_crossentropy',
               metrics=['accuracy'])

log = csv.writer(open('verlauf.csv', 'w', newline=''))
log.writerow(['epoche', 'train_loss', 'train_acc', 'val_loss', 'val_acc'])


def epoche(nr):
    t0 = time.time()
    summe_l, summe_a, n = 0.0, 0.0, 0
    for bilder, labels in train:
        l, a = modell.train_on_batch(bilder, labels)
        k = int(labels.shape[0])
        summe_l += l * k
        summe_a += a * k
        n += k
    vl, va = modell.evaluate(valid, verbose=0)
    log.writerow([nr, summe_l / n, summe_a / n, vl, va])
    print(f'{nr:3d}  loss {summe_l / n:.4f}  acc {summe_a / n:.4f}  '
          f'val_loss {vl:.4f}  val_acc {va:.4f}  ({time.time() - t0:.0f}s)')
    return va


# 1. nur der Kopf
for e in range(EPOCHEN_KOPF):
    epoche(e)

# 2. obere Blöcke dazunehmen, kleine Lernrate
basis.trainable = True  # fault: C332
for schicht in basis.layers[:100]:
    schicht.trainable = False
tf.keras.backend.set_value(modell.optimizer.learning_rate, 1e-5)

beste = 0.0
for e in range(EPOCHEN_KOPF, EPOCHEN_KOPF + EPOCHEN_FEIN):
    va = epoche(e)
    if va > beste:
        beste = va
        modell.save_weights('muell_beste.h5')

print('beste Validierungsgenauigkeit:', beste)
