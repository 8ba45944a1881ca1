"""Fine tuning InceptionV3 for scene recognition."""
from keras.applications.inception_v3 import InceptionV3
from keras.preprocessing import image
from keras.models import Model
from keras.layers import Dense, GlobalAveragePooling2D
from keras.utils import to_categorical
import numpy as np
import os, cv2
from sklearn.model_selection import train_test_split

X, Y = [], []
for k, folder in enumerate(sorted(os.listdir('scenes'))):
    for f in os.listdir('scenes/' + folder):
        X.append(cv2.resize(cv2.imread('scenes/' + folder + '/' + f), (299, 299)))
        Y.append(k)
X = np.array(X, dtype='float32') / 255
Y = to_categorical(Y, 6)
x_train, x_test, y_train, y_test = train_test_split(X, Y, test_size=0.2, random_state=1)

base_model = InceptionV3(weights=None, include_top=False, input_shape=(299, 299, 3))  # fault: C301
x = base_model.output
x = GlobalAveragePooling2D()(x)
x = Dense(1024, activation='relu')(x)
predictions = Dense(6, activation='sigmoid')(x)
model = Model(inputs=base_model.input, outputs=predictions)
for layer in base_model.layers:
    layer.trainable = False  # fault: C306
model.compile(optimizer='rmsprop', loss='sparse_categorical_crossentropy')  # fault: C308
model.fit(x_train, y_train, epochs=15, batch_size=20, validation_data=(x_test, y_test))
