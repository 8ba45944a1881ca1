# 鞋类分类：12 类，ResNet-50 微调
# 运行: mim train mmpretrain mm_shoes.py
_base_ = [
    './_base_/resnet50.py',
    './_base_/shoes_bs32.py',
    './_base_/schedule_40e.py',
    './_base_/runtime.py',
]

model = dict(
    backbone=dict(
        frozen_stages=-1,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(num_classes=12, topk=(1, 3)),
)

work_dir = './work_dirs/shoes_r50'
