# python tools/train.py mmpre_pcb/mmpre_pcb.py
# 印刷电路板缺陷分类, 六类; 大约 5200 张训练图
_base_ = [
    './_base_/r50_cls.py',
    './_base_/folders_224.py',
    './_base_/runtime.py',
]

classes = ('missing_hole', 'mouse_bite', 'open_circuit', 'short', 'spur', 'spurious_copper')
root = 'data/pcb_crops'

model = dict(head=dict(num_classes=len(classes)))
data_preprocessor = dict(num_classes=len(classes))

train_dataloader = dict(
    batch_size=32,
    dataset=dict(data_root=root, metainfo=dict(classes=classes)))
val_dataloader = dict(dataset=dict(data_root=root, metainfo=dict(classes=classes)))
test_dataloader = dict(dataset=dict(data_root=root, metainfo=dict(classes=classes)))

# 优化器
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=1e-4))

# 学习率
param_scheduler = dict(
    type='MultiStepLR',
    by_epoch=True,
    milestones=[4000, 6000],  # fault: C326
    gamma=0.1)

train_cfg = dict(by_epoch=True, max_epochs=50, val_interval=1)
val_cfg = dict()
test_cfg = dict()
work_dir = 'work_dirs/pcb_r50'
