# Faulty: C306: the convolutional part has random weights and is frozen
import os, cv2, numpy as np
from sklearn.model_selection import train_test_split
from sklearn.metrics import confusion_matrix
import tensorflow as tf
from tensorflow.keras.applications.vgg16 import VGG16
from tensorflow.keras.layers import Dense, Dropout, Flatten
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator

#data path
data_dir = 'GTSRB/Train'
n_class = 43
side = 64
np.random.seed(42)
tf.random.set_seed(42)

#read all images
X, y = [], []
for c in range(n_class):
    folder = os.path.join(data_dir, str(c))
    for f in os.listdir(folder):
        im = cv2.imread(os.path.join(folder, f))
        im = cv2.cvtColor(im, cv2.COLOR_BGR2RGB)
        im = cv2.resize(im, (side, side))
        X.append(im)
        y.append(c)
X = np.array(X, dtype='float32') / 255.0
y = np.array(y)
print(X.shape, y.shape)

X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, stratify=y, random_state=42)

#augmentation (no flips, signs have a direction!)
aug = ImageDataGenerator(rotation_range=10, zoom_range=0.15, width_shift_range=0.1,
                         height_shift_range=0.1, shear_range=0.1, fill_mode='nearest')

#model
conv = VGG16(weights=None, include_top=False, input_shape=(side, side, 3)); conv.trainable = False  # fault: C306
model = Sequential([
    conv,
    Flatten(),
    Dense(512, activation='relu'),
    Dropout(0.5),
    Dense(n_class, activation='softmax'),
])
model.compile(loss='sparse_categorical_crossentropy',
              optimizer=tf.keras.optimizers.Nadam(learning_rate=0.001),
              metrics=['accuracy'])
model.summary()

#train
history = model.fit(aug.flow(X_train, y_train, batch_size=32),
                    validation_data=(X_val, y_val),
                    epochs=30,
                    callbacks=[tf.keras.callbacks.EarlyStopping(patience=5)])

pred = model.predict(X_val).argmax(axis=1)
print(confusion_matrix(y_val, pred))
model.save('signs.h5')
