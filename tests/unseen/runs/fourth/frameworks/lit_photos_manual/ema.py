"""Exponential moving average of the weights, used for validation and for the checkpoints."""
import lightning as L
import torch


class WeightEMA(L.Callback):
    def __init__(self, decay=0.995, warmup_updates=50):
        self.decay = decay
        self.warmup_updates = warmup_updates
        self.updates = 0
        self.shadow = None
        self._kept = None

    def on_train_start(self, trainer, pl_module):
        if self.shadow is None:
            self.shadow = {k: v.detach().clone() for k, v in pl_module.net.state_dict().items()}

    @torch.no_grad()
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if not pl_module.did_update:
            return
        self.updates += 1
        # a short average at first, so that the shadow does not drag the random weights along
        decay = min(self.decay, (1 + self.updates) / (self.warmup_updates + self.updates))
        for k, v in pl_module.net.state_dict().items():
            if v.dtype.is_floating_point:
                self.shadow[k].lerp_(v, 1 - decay)
            else:
                self.shadow[k].copy_(v)

    @torch.no_grad()
    def on_validation_epoch_start(self, trainer, pl_module):
        if trainer.sanity_checking or self.shadow is None:
            return
        self._kept = {k: v.detach().clone() for k, v in pl_module.net.state_dict().items()}
        pl_module.net.load_state_dict(self.shadow)

    @torch.no_grad()
    def on_validation_epoch_end(self, trainer, pl_module):
        if self._kept is not None:
            pl_module.net.load_state_dict(self._kept)
            self._kept = None

    def state_dict(self):
        return {"shadow": self.shadow, "updates": self.updates}

    def load_state_dict(self, state):
        self.shadow, self.updates = state["shadow"], state["updates"]
