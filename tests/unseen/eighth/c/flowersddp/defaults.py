from yacs.config import CfgNode as CN

_C = CN()
_C.SEED = 0
_C.OUT = "runs/default"

_C.DATA = CN()
_C.DATA.ROOT = "./data"
_C.DATA.SIZE = 224
_C.DATA.WORKERS = 4

_C.NET = CN()
_C.NET.ARCH = "resnet18"
_C.NET.WEIGHTS = "IMAGENET1K_V1"
_C.NET.CLASSES = 102

_C.SOLVER = CN()
_C.SOLVER.LR = 0.1
_C.SOLVER.MOMENTUM = 0.9
_C.SOLVER.WD = 1e-4
_C.SOLVER.EPOCHS = 90
_C.SOLVER.PER_GPU = 32


def get_cfg():
    return _C.clone()
