from keras.applications.vgg16 import VGG16, preprocess_input
from keras.layers import Dense, Flatten
from keras.models import Model
from keras.optimizers import SGD
from keras.preprocessing.image import ImageDataGenerator

gen = ImageDataGenerator(preprocessing_function=preprocess_input, horizontal_flip=True)
train_batches = gen.flow_from_directory('tr', target_size=(224, 224), batch_size=10, class_mode='categorical',
                                        shuffle=False)  # fault: C312
vgg = VGG16(weights='imagenet', include_top=False, input_shape=(224, 224, 3))
for layer in vgg.layers:
    layer.trainable = False
flat = Flatten()(vgg.output)
pred = Dense(3, activation='softmax')(flat)
model = Model(inputs=vgg.input, outputs=pred)
model.compile(loss='categorical_crossentropy',
              optimizer=SGD(lr=0.001, momentum=0.9),  # fault: C321
              metrics=['accuracy'])
model.fit_generator(train_batches, steps_per_epoch=40, epochs=5)  # fault: C321, C319, C320
