# 布料缺陷分类 -- 产线二期
# python fabric_mm.py [--work-dir xxx]
import argparse
import os.path as osp

from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.utils import register_all_modules

HERE = osp.dirname(osp.abspath(__file__))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--work-dir', default='./work_dirs/fabric_r50')
    ap.add_argument('--resume', action='store_true')
    args = ap.parse_args()

    register_all_modules(init_default_scope=True)
    cfg = Config.fromfile(osp.join(HERE, 'fabric_r50_cfg.py'))
    cfg.work_dir = args.work_dir
    if args.resume:
        cfg.resume = True   # mmengine 会恢复优化器、学习率和 epoch
    runner = Runner.from_cfg(cfg)
    runner.train()


if __name__ == '__main__':
    main()
