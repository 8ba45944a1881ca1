import os

import numpy as np
import tensorflow as tf
from sklearn.metrics import classification_report
from tensorflow.keras import layers, models, optimizers
from tensorflow.keras.applications import MobileNetV2
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.preprocessing.image import ImageDataGenerator, img_to_array, load_img

SIZE = 160
CLASSES = ['daisy', 'dandelion', 'roses', 'sunflowers', 'tulips']
TRAIN = 'flower_photos/train'
TEST = 'flower_photos/test'

np.random.seed(21)
tf.random.set_seed(21)

# read everything into memory, one flower after the other
images, labels = [], []
for number, name in enumerate(CLASSES):
    folder = os.path.join(TRAIN, name)
    for file in os.listdir(folder):
        picture = load_img(os.path.join(folder, file), target_size=(SIZE, SIZE), interpolation='bilinear')
        images.append(img_to_array(picture))
        labels.append(number)
images = np.array(images, dtype='float32')
labels = np.array(labels)

# mix them, the arrays are sorted by flower until here
order = np.random.permutation(len(images))
images, labels = images[order], labels[order]
images = images / 127.5 - 1.0

base = MobileNetV2(input_shape=(SIZE, SIZE, 3), include_top=False, weights='imagenet')
base.trainable = False

inputs = layers.Input((SIZE, SIZE, 3))
x = layers.RandomFlip('horizontal')(inputs)
x = layers.RandomRotation(0.08)(x)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(5, activation='softmax')(x)
model = models.Model(inputs, outputs)

# step 1, only the new layer
model.compile(optimizers.Adam(1e-3), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(images, labels, epochs=6, batch_size=32, validation_split=0.2)

# step 2, the upper part of the base as well
base.trainable = True
for layer in base.layers[:100]:
    layer.trainable = False
model.compile(optimizers.Adam(1e-5), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(images, labels, epochs=20, batch_size=32, validation_split=0.2,
          callbacks=[EarlyStopping(patience=4, restore_best_weights=True)])

# the test pictures come from their folder
test_flow = ImageDataGenerator(preprocessing_function=lambda im: im / 127.5 - 1.0).flow_from_directory(
    TEST, target_size=(SIZE, SIZE), classes=CLASSES, class_mode='sparse',
    batch_size=32, shuffle=False, interpolation='bilinear')
predicted = model.predict(test_flow).argmax(axis=1)
print(classification_report(test_flow.classes, predicted, target_names=CLASSES))
model.save('flowers.h5')
