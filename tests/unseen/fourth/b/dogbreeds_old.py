# dog breed identification, 120 breeds (labels.csv: id,breed)
# keras==2.3.1  tensorflow==1.15  keras-preprocessing==1.1
import os
import pandas as pd
import keras
from keras.applications.vgg16 import VGG16, preprocess_input
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from keras.layers import BatchNormalization, Dense, Dropout, GlobalAveragePooling2D
from keras.models import Model
from keras.optimizers import Adam
from keras.preprocessing.image import ImageDataGenerator

WORK = os.path.expanduser('~/kaggle/dogs')
W = H = 224
BS = 64

labels = pd.read_csv(os.path.join(WORK, 'labels.csv'))
labels['file'] = labels['id'] + '.jpg'
labels = labels.sample(frac=1.0, random_state=2019).reset_index(drop=True)
print(labels['breed'].nunique(), 'breeds,', len(labels), 'dogs')

aug = ImageDataGenerator(preprocessing_function=preprocess_input,
                         horizontal_flip=True,
                         rotation_range=12,
                         validation_split=0.2)
noaug = ImageDataGenerator(preprocessing_function=preprocess_input,
                           validation_split=0.2)

args = dict(dataframe=labels, directory=os.path.join(WORK, 'train'),
            x_col='file', y_col='breed', class_mode='categorical',
            target_size=(H, W), batch_size=BS)
tr = aug.flow_from_dataframe(subset='training', shuffle=True, **args)
va = noaug.flow_from_dataframe(subset='validation', shuffle=False, **args)

vgg = VGG16(weights='imagenet', include_top=False, input_shape=(H, W, 3))
for layer in vgg.layers:
    layer.trainable = False

t = GlobalAveragePooling2D()(vgg.output)
t = Dense(512, activation='relu')(t)
t = BatchNormalization(momentum=0.9)(t)
t = Dropout(0.5)(t)
t = Dense(120, activation='softmax')(t)
model = Model(vgg.input, t)

model.compile(Adam(lr=1e-3), loss='categorical_crossentropy', metrics=['acc'])

cb = [
    ModelCheckpoint(os.path.join(WORK, 'vgg_{epoch:02d}_{val_loss:.3f}.h5'), save_best_only=True),
    ReduceLROnPlateau(monitor='val_loss', factor=0.2, patience=3, min_lr=1e-6),
    EarlyStopping(monitor='val_loss', patience=8, verbose=1),
]
model.fit_generator(tr, steps_per_epoch=len(tr), epochs=50,
                    validation_data=va, validation_steps=len(va),
                    callbacks=cb, workers=8, max_queue_size=20)
