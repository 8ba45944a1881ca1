# Rice leaf disease (4 classes) VGG16 - thesis chapter 4
import numpy as np
from sklearn.metrics import classification_report, confusion_matrix
from tensorflow.keras.applications.vgg16 import VGG16, preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.models import Model
from tensorflow.keras.layers import Flatten, Dense, Dropout
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.callbacks import EarlyStopping, ReduceLROnPlateau

train_path = 'rice/train'
valid_path = 'rice/valid'
test_path = 'rice/test'
size = (224, 224)
bs = 16

train_gen = ImageDataGenerator(preprocessing_function=preprocess_input, rotation_range=25, horizontal_flip=True)
plain_gen = ImageDataGenerator(preprocessing_function=preprocess_input)

train = train_gen.flow_from_directory(train_path, target_size=size, batch_size=bs, class_mode='categorical')
valid = plain_gen.flow_from_directory(valid_path, target_size=size, batch_size=bs, class_mode='categorical', shuffle=False)
test = plain_gen.flow_from_directory(test_path, target_size=size, batch_size=bs, class_mode='categorical', shuffle=False)
print(train.class_indices)

vgg = VGG16(weights='imagenet', include_top=False, input_shape=(224, 224, 3))
for l in vgg.layers:
    l.trainable = False

x = Flatten()(vgg.output)
x = Dense(256, activation='relu')(x)
x = Dropout(0.5)(x)
y = Dense(4, activation='softmax')(x)
model = Model(inputs=vgg.input, outputs=y)

model.compile(optimizer=Adam(learning_rate=0.0001), loss='categorical_crossentropy', metrics=['accuracy'])

cb = [ReduceLROnPlateau(monitor='val_loss', factor=0.5, patience=3),
      EarlyStopping(monitor='val_loss', patience=8, restore_best_weights=True)]
model.fit(train, validation_data=valid, epochs=50, callbacks=cb)

# test pictures, the generator keeps the order of its files
prob = model.predict(test)
pred = np.argmax(prob, axis=1)
print(confusion_matrix(test.classes, pred))
print(classification_report(test.classes, pred, target_names=list(test.class_indices)))
model.save('rice_vgg16.h5')
