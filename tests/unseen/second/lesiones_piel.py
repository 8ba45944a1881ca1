# Sound.
# coding: utf-8
#
# Clasificación de lesiones de piel (siete diagnósticos) a partir de un CSV.
# El conjunto está muy desbalanceado -> pesos por clase.
# Varias fotos pueden ser de la misma lesión -> separamos por lesion_id.

import os

import numpy as np
import pandas as pd
from sklearn.metrics import classification_report
from sklearn.model_selection import GroupShuffleSplit
from sklearn.utils.class_weight import compute_class_weight
from tensorflow.keras.applications.resnet50 import ResNet50, preprocess_input
from tensorflow.keras.callbacks import (
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from tensorflow.keras.layers import Dense, Dropout, GlobalAveragePooling2D, Input
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.utils import set_random_seed

RUTA = "/datos/piel"
TAM = (224, 224)
LOTE = 48
EPOCAS = 25
set_random_seed(1234)


def leer_tabla():
    tabla = pd.read_csv(os.path.join(RUTA, "metadatos.csv"), dtype={"dx": str})
    tabla["archivo"] = tabla["image_id"] + ".jpg"
    return tabla


def partir(tabla, fraccion, semilla):
    sep = GroupShuffleSplit(n_splits=1, test_size=fraccion, random_state=semilla)
    a, b = next(sep.split(tabla, groups=tabla["lesion_id"]))
    return tabla.iloc[a].reset_index(drop=True), tabla.iloc[b].reset_index(drop=True)


tabla = leer_tabla()
resto, prueba = partir(tabla, 0.15, 1)
entreno, valida = partir(resto, 0.15, 2)
print(len(entreno), len(valida), len(prueba))

# la función de preproceso es la propia de ResNet50 (BGR, media restada): sin rescale
gen_entreno = ImageDataGenerator(
    preprocessing_function=preprocess_input,
    rotation_range=25,
    width_shift_range=0.08,
    height_shift_range=0.08,
    horizontal_flip=True,
    vertical_flip=True,
)
gen_fijo = ImageDataGenerator(preprocessing_function=preprocess_input)

comun = dict(
    directory=os.path.join(RUTA, "imagenes"),
    x_col="archivo",
    y_col="dx",
    target_size=TAM,
    batch_size=LOTE,
    class_mode="categorical",
    classes=sorted(tabla["dx"].unique()),
)
flujo_e = gen_entreno.flow_from_dataframe(entreno, shuffle=True, **comun)
flujo_v = gen_fijo.flow_from_dataframe(valida, shuffle=False, **comun)
flujo_p = gen_fijo.flow_from_dataframe(prueba, shuffle=False, **comun)

etiquetas = np.array(flujo_e.classes)
valores = compute_class_weight("balanced", classes=np.unique(etiquetas), y=etiquetas)
pesos = {int(c): float(p) for c, p in zip(np.unique(etiquetas), valores)}

base = ResNet50(weights="imagenet", include_top=False, input_shape=TAM + (3,))
base.trainable = False

entrada = Input(shape=TAM + (3,))
z = base(entrada, training=False)
z = GlobalAveragePooling2D()(z)
z = Dense(256, activation="relu")(z)
z = Dropout(0.4)(z)
salida = Dense(7, activation="softmax")(z)
modelo = Model(entrada, salida)

modelo.compile(
    optimizer=Adam(learning_rate=0.001),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

avisos = [
    EarlyStopping(monitor="val_loss", patience=7, restore_best_weights=True),
    ModelCheckpoint("piel_mejor.keras", monitor="val_loss", save_best_only=True),
    ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=3, min_lr=1e-6),
    CSVLogger("piel_historia.csv"),
]

modelo.fit(
    flujo_e,
    validation_data=flujo_v,
    epochs=EPOCAS,
    class_weight=pesos,
    callbacks=avisos,
)

pred = modelo.predict(flujo_p).argmax(axis=1)
print(classification_report(flujo_p.classes, pred, target_names=list(flujo_p.class_indices)))
