import torch.nn as nn
import torch.nn.functional as F

from registry import LOSSES

LOSSES.register('ce')(nn.CrossEntropyLoss)


@LOSSES.register('focal')
class FocalLoss(nn.Module):
    """erwartet Logits und Klassennummern"""

    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, target):
        logp = F.log_softmax(logits, dim=1).gather(1, target[:, None]).squeeze(1)
        return (-(1 - logp.exp()) ** self.gamma * logp).mean()
