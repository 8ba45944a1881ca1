import tensorflow as tf
from tensorflow.keras.applications.vgg16 import VGG16, preprocess_input
from tensorflow.keras.layers import Dense, Dropout, Flatten
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator

IMG = 160
BATCH = 20
tf.random.set_seed(0)

gen = ImageDataGenerator(preprocessing_function=preprocess_input, rotation_range=20, width_shift_range=0.1,
                         height_shift_range=0.1, horizontal_flip=True)
plain = ImageDataGenerator(preprocessing_function=preprocess_input)
train = gen.flow_from_directory('cats_dogs/train', (IMG, IMG), batch_size=BATCH, class_mode='binary')
valid = plain.flow_from_directory('cats_dogs/validation', (IMG, IMG), batch_size=BATCH, class_mode='binary', shuffle=False)

conv_base = VGG16(weights='imagenet', include_top=False, input_shape=(IMG, IMG, 3))
conv_base.trainable = False

model = Sequential()
model.add(conv_base)
model.add(Flatten())
model.add(Dense(256, activation='relu'))
model.add(Dropout(0.5))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer=tf.keras.optimizers.RMSprop(learning_rate=2e-5), metrics=['acc'])
history = model.fit(train, steps_per_epoch=100, epochs=30, validation_data=valid, validation_steps=50)
