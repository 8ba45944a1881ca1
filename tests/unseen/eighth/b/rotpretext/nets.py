from tensorflow.keras import Model, layers


def encoder(part):
    image = layers.Input((96, 96, 3), name=f"{part}_image")
    h = image
    for number, width in enumerate((48, 96, 192, 256), start=1):
        h = layers.Conv2D(width, 3, padding="same", use_bias=False, name=f"{part}_conv{number}")(h)
        h = layers.BatchNormalization(name=f"{part}_norm{number}")(h)
        h = layers.ReLU(name=f"{part}_relu{number}")(h)
        h = layers.MaxPooling2D(name=f"{part}_pool{number}")(h)
    h = layers.GlobalAveragePooling2D(name=f"{part}_mean")(h)
    return Model(image, h)


def with_head(body, outputs, name):
    h = layers.Dropout(0.3)(body.output)
    return Model(body.input, layers.Dense(outputs, name=name)(h))
