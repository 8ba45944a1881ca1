default_scope = 'mmengine'
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=20),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2,
                    save_best='acc/top1', rule='greater'),
)
env_cfg = dict(cudnn_benchmark=True)
launcher = 'none'
load_from = None
randomness = dict(seed=3407)
