# ResNet-50 fine-tuned on the 12 leaf-spot diseases
#   python tools/train.py configs/r50_leafspot/r50_leafspot.py
_base_ = [
    './_base_/resnet50.py',
    './_base_/leafspot_bs32.py',
    './_base_/sgd_cosine.py',
    './_base_/runtime.py',
]

model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/'
            'resnet/resnet50_8xb32_in1k_20210831-ea4938fc.pth',
            prefix='backbone')),
    head=dict(num_classes=12, topk=(1, 3)),
)

# one GPU x 32 images
optim_wrapper = dict(optimizer=dict(lr=0.01))

randomness = dict(seed=3407)
work_dir = './work_dirs/r50_leafspot'
