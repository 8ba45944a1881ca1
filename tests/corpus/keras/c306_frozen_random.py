import keras
from keras.applications import ResNet50
from keras.layers import Dense, Flatten
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator

keras.utils.set_random_seed(0)
train_datagen = ImageDataGenerator(rescale=1./255, horizontal_flip=True)
val_datagen = ImageDataGenerator(rescale=1./255)
train = train_datagen.flow_from_directory("t", target_size=(96, 96), batch_size=64)
val = val_datagen.flow_from_directory("v", target_size=(96, 96), batch_size=64)
resnet = ResNet50(include_top=False, weights=None, input_shape=(96, 96, 3))
for layer in resnet.layers:
    layer.trainable = False  # fault: C306
x = Flatten()(resnet.output)
prediction = Dense(7, activation='softmax')(x)
model = Model(inputs=resnet.input, outputs=prediction)
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(train, validation_data=val, epochs=25)
