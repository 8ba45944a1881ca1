# 布匹瑕疵分类 (6 类), ResNet-50 微调
# python tools/train.py configs/mm_fabric/mm_fabric.py
_base_ = [
    './_base_/r50_model.py',
    './_base_/folders_bs32.py',
    './_base_/sgd_steps_100e.py',
    './_base_/runtime.py',
]

CLASSES = ['broken_end', 'crease', 'hole', 'oil_stain', 'ok', 'thin_bar']

model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/resnet/resnet50_8xb32_in1k_20210831-ea4938fc.pth',
            prefix='backbone')),
    head=dict(num_classes=6, topk=(1, )))

data_preprocessor = dict(num_classes=6)

# 数据
root = '/data/fabric'
train_dataloader = dict(dataset=dict(data_root=root, metainfo=dict(classes=CLASSES)))
val_dataloader = dict(dataset=dict(data_root=root, metainfo=dict(classes=CLASSES)))
test_dataloader = dict(dataset=dict(data_root=root, metainfo=dict(classes=CLASSES)))
val_evaluator = dict(topk=(1, ))
test_evaluator = dict(topk=(1, ))

# 微调用较小的学习率, 训练轮数也少一些
optim_wrapper = dict(optimizer=dict(lr=0.01))
train_cfg = dict(max_epochs=25)  # fault: C326

default_hooks = dict(checkpoint=dict(save_best='auto', max_keep_ckpts=2))
randomness = dict(seed=2023)
work_dir = './work_dirs/fabric_r50'
