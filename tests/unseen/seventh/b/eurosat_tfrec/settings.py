TRAIN_GLOB = "gs://our-eo-bucket/eurosat/train-*.tfrec"
VALID_GLOB = "gs://our-eo-bucket/eurosat/valid-*.tfrec"
N_TRAIN = 21600
PATCH = 64
LABELS = ["AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial",
          "Pasture", "PermanentCrop", "Residential", "River", "SeaLake"]
GLOBAL_BATCH = 64
MAX_EPOCHS = 40
START_LR = 1e-3
RNG = 2021
