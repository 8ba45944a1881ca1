from yacs.config import CfgNode as CN

_C = CN()
_C.OUTPUT_DIR = "output"
_C.RNG_SEED = 0

_C.MODEL = CN()
_C.MODEL.ARCH = "resnet18"
_C.MODEL.NUM_CLASSES = 2
_C.MODEL.INIT_FROM = ""            # state dict of ImageNet training

_C.INPUT = CN()
_C.INPUT.SIZE = 224
_C.INPUT.RESIZE = 256
_C.INPUT.PIXEL_MEAN = [0.485, 0.456, 0.406]
_C.INPUT.PIXEL_STD = [0.229, 0.224, 0.225]

_C.DATA = CN()
_C.DATA.FOLDER = ""
_C.DATA.TRAIN_CSV = "train.csv"
_C.DATA.VAL_CSV = "val.csv"
_C.DATA.WORKERS = 6

_C.SOLVER = CN()
_C.SOLVER.NAME = "SGD"
_C.SOLVER.BASE_LR = 0.01
_C.SOLVER.MOMENTUM = 0.9
_C.SOLVER.WEIGHT_DECAY = 1e-4
_C.SOLVER.IMS_PER_BATCH = 16
_C.SOLVER.MAX_EPOCHS = 10
_C.SOLVER.STEPS = [5, 8]
_C.SOLVER.GAMMA = 0.1


def get_cfg():
    return _C.clone()
