# Leaf spot grading, DenseNet121 as fixed feature extractor.
# Folders: leafspot/train, leafspot/valid, leafspot/test, one sub folder per grade (5 grades)
import numpy as np
import pandas as pd
import seaborn as sns
import matplotlib.pyplot as plt
from sklearn.metrics import classification_report, confusion_matrix
import tensorflow as tf
from tensorflow.keras.applications.densenet import DenseNet121, preprocess_input
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.layers import Dense, Dropout, GlobalAveragePooling2D
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ROOT = 'leafspot/'
SIZE = (224, 224)
BS = 32
tf.random.set_seed(11)

aug = ImageDataGenerator(preprocessing_function=preprocess_input, horizontal_flip=True, vertical_flip=True)
plain = ImageDataGenerator(preprocessing_function=preprocess_input)

train_it = aug.flow_from_directory(ROOT + 'train', target_size=SIZE, batch_size=BS, class_mode='categorical', shuffle=True)
valid_it = plain.flow_from_directory(ROOT + 'valid', target_size=SIZE, batch_size=BS, class_mode='categorical', shuffle=False)
test_it = plain.flow_from_directory(ROOT + 'test', target_size=SIZE, batch_size=BS, class_mode='categorical')  # fault: C329

backbone = DenseNet121(weights='imagenet', include_top=False, input_shape=SIZE + (3,))
backbone.trainable = False

h = GlobalAveragePooling2D()(backbone.output)
h = Dropout(0.3)(h)
probs = Dense(5, activation='softmax')(h)
model = Model(backbone.input, probs)
model.compile(optimizer=Adam(1e-3), loss='categorical_crossentropy', metrics=['accuracy'])

history = model.fit(train_it, validation_data=valid_it, epochs=15,
                    callbacks=[EarlyStopping(monitor='val_loss', patience=4, restore_best_weights=True)])

pd.DataFrame(history.history)[['accuracy', 'val_accuracy']].plot()
plt.savefig('leafspot_curve.png')

# ---- report on the test folder
p = model.predict(test_it)
y_hat = np.argmax(p, axis=1)
names = list(test_it.class_indices.keys())
print(classification_report(test_it.classes, y_hat, target_names=names, digits=3))
cm = confusion_matrix(test_it.classes, y_hat)
plt.figure(figsize=(6, 5))
sns.heatmap(cm, annot=True, fmt='d', xticklabels=names, yticklabels=names)
plt.savefig('leafspot_cm.png')
