DATASET = "dataset"
WEIGHTS = "weights/mobilenet_025_64_notop.weights.h5"
SIDE = 64
BATCH = 24
SEED = 31

HEAD_EPOCHS = 12
HEAD_RATE = 2e-3
TUNE_EPOCHS = 30
TUNE_RATE = 2e-4
# the first layer (by name) that is released in the second stage
RELEASE_FROM = "conv_dw_6"
