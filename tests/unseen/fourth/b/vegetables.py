# my first neural network :)  vegetables from our market
import os
import cv2
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers
import matplotlib.pyplot as plt

names = ['carrot', 'cucumber', 'eggplant', 'pepper', 'potato', 'tomato']
size = 100


def read_folder(root):
    xs = []
    ys = []
    for number, name in enumerate(names):
        folder = os.path.join(root, name)
        for f in os.listdir(folder):
            pic = cv2.imread(os.path.join(folder, f))
            if pic is None:
                print('cannot read', f)
                continue
            pic = cv2.cvtColor(pic, cv2.COLOR_BGR2RGB)
            pic = cv2.resize(pic, (size, size))
            xs.append(pic)
            ys.append(number)
    xs = np.array(xs, dtype='float32') / 255.0
    ys = np.array(ys)
    return xs, ys


x_train, y_train = read_folder('vegetables/train')
print(x_train.shape, y_train.shape)

model = keras.models.Sequential()
model.add(layers.Conv2D(32, 3, activation='relu', input_shape=(size, size, 3)))
model.add(layers.MaxPooling2D())
model.add(layers.Conv2D(64, 3, activation='relu'))
model.add(layers.MaxPooling2D())
model.add(layers.Conv2D(128, 3, activation='relu'))
model.add(layers.MaxPooling2D())
model.add(layers.Flatten())
model.add(layers.Dropout(0.4))
model.add(layers.Dense(128, activation='relu'))
model.add(layers.Dense(6, activation='softmax'))

model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001),
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])

history = model.fit(x_train, y_train, batch_size=32, epochs=25, validation_split=0.2)  # fault: C330

plt.plot(history.history['accuracy'], label='train')
plt.plot(history.history['val_accuracy'], label='val')
plt.legend()
plt.savefig('curve.png')

# the pictures I took myself
x_test, y_test = read_folder('vegetables/test')
loss, acc = model.evaluate(x_test, y_test)
print('test accuracy', acc)
model.save('vegetables.h5')
