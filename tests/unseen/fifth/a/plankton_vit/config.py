import os

DATA = os.getenv("PLANKTON", "/scratch/plankton")
MODEL = "vit_small_patch16_224.augreg_in21k_ft_in1k"
IMG = 224
BATCH = 32
ACCUM = 4
EPOCHS = 25
LR = 1e-4
WD = 0.05
WARMUP = 500        # optimizer steps
SEED = 42
WORKERS = 8
