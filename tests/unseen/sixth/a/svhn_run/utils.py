import torch


class AverageMeter(object):
    """running average of a value"""

    def __init__(self, name):
        self.name = name
        self.reset()

    def reset(self):
        self.val = 0
        self.sum = 0
        self.count = 0

    def update(self, val, n=1):
        self.val = val
        self.sum = self.sum + val * n
        self.count += n

    @property
    def avg(self):
        return self.sum / max(self.count, 1)


def batch_accuracy(logits, target):
    return (logits.argmax(dim=1) == target).float().mean()


# old version, top5 not needed for digits
# def accuracy(output, target, topk=(1, 5)):
#     maxk = max(topk)
#     ...


def save(model, path):
    torch.save({'state_dict': model.state_dict()}, path)
