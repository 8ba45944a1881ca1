import sys
from functools import partial, reduce
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms.v2 import functional as VF

##NET TrailNet##

def compose(*fs):
    return lambda x: reduce(lambda v, f: f(v), fs, x)


def chunks(seq, n):
    it = iter(seq)
    while part := list(islice(it, n)):
        yield part


def weights(path):
    full = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    net = TrailNet()
    net.load_state_dict({k.removeprefix("net."): v for k, v in full.items() if k.startswith("net.")})
    return net.eval(), full["mean"], full["std"]


def samples(root):
    for k, d in enumerate(sorted(root.iterdir(), key=lambda d: int(d.name))):
        yield from ((f, k) for f in sorted(d.iterdir()))


if __name__ == "__main__":
    net, mean, std = weights(Path(__file__).parent / "survey.ckpt")
    prep = compose(
        str,
        partial(decode_image, mode=ImageReadMode.RGB),
        @@A@@
        partial(VF.to_dtype, dtype=torch.float32, scale=True),
        lambda x: ((x - mean) / std)[0],
    )
    ok = []
    with torch.inference_mode():
        for part in chunks(samples(Path("data/survey/heldout")), int(sys.argv[1]) if len(sys.argv) > 1 else 40):
            files, ys = zip(*part)
            out = net(torch.stack([prep(f) for f in files]))
            ok += (out.argmax(1).numpy() == np.array(ys)).tolist()
    print(f"accuracy = {np.mean(ok) * 100:.2f} ({len(ok)} pictures)")
