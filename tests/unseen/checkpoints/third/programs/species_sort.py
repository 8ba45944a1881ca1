import os
import torch
import torch.nn.functional as F
from torch import nn
from PIL import Image
from torchvision import transforms as T

##NET TrailNet##

class Folders(torch.utils.data.IterableDataset):
    def __init__(self, root, transform):
        self.root, self.transform = root, transform
        self.classes = @@A@@

    def __iter__(self):
        for target, c in enumerate(self.classes):
            with os.scandir(os.path.join(self.root, c)) as it:
                for entry in it:
                    yield self.transform(Image.open(entry.path)), target


def strip(sd, prefix):
    return {k[len(prefix):]: v for k, v in sd.items() if k.startswith(prefix)}


def evaluate(ckpt, root="data/survey/heldout"):
    sd = torch.load(ckpt, map_location="cpu", weights_only=False)["state_dict"]
    net = TrailNet()
    net.load_state_dict(strip(sd, "net."))
    net.eval()
    tf = T.Compose([T.CenterCrop(40), T.ToTensor(), T.Normalize(sd["mean"].flatten(), sd["std"].flatten())])
    data = Folders(root, tf)
    top1 = top3 = n = 0
    for x, y in torch.utils.data.DataLoader(data, batch_size=64):
        with torch.no_grad():
            rank = net(x).topk(3, dim=1).indices
        top1 += (rank[:, 0] == y).sum().item()
        top3 += (rank == y[:, None]).any(1).sum().item()
        n += len(y)
    return top1 / n, top3 / n


if __name__ == "__main__":
    a, b = evaluate(os.path.join(os.path.dirname(os.path.abspath(__file__)), "epoch-best.ckpt"))
    print(f"top-1 accuracy {a:.4f}, top-3 {b:.4f}")
