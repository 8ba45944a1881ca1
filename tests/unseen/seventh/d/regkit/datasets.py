import torch
from registry import DATA
from torch.utils.data import Subset
from torchvision import transforms as T
from torchvision.datasets import FashionMNIST


@DATA("fashion")
def fashion(root, mean, std, n_val, split_seed):
    plain = T.Compose([T.ToTensor(), T.Normalize([mean], [std])])
    varied = T.Compose([T.RandomCrop(28, padding=2), T.RandomHorizontalFlip(), plain])
    g = torch.Generator()
    g.manual_seed(split_seed)
    order = torch.randperm(60000, generator=g).tolist()
    return dict(
        train=Subset(FashionMNIST(root, train=True, transform=varied, download=True), order[n_val:]),
        val=Subset(FashionMNIST(root, train=True, transform=plain), order[:n_val]),
        test=FashionMNIST(root, train=False, transform=plain),
    )
