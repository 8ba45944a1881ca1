# %% Road list: accuracy of the stored network
import pathlib
import numpy as np
import pandas as pd
import timm
import torch
from PIL import Image, ImageOps

case = pathlib.Path(__file__).parent
base = pathlib.Path("data/roadlist")

# %% table
table = pd.read_csv(base / "test.csv")
@@A@@

# %% pictures
def picture(name, side=48):
    im = ImageOps.pad(Image.open(base / "images" / name).convert("RGB"), (side, side), method=Image.BILINEAR, color=(0, 0, 0))
    b, g, r = reversed(im.split())
    planes = [np.asarray(p, dtype="float32") - m for p, m in zip((b, g, r), (103.94, 116.78, 123.68))]
    return np.stack(planes)

# %% network
saved = torch.load(case / "road.pt", map_location="cpu", weights_only=True)
net = timm.create_model("regnetx_002", pretrained=False, num_classes=5)
net.load_state_dict(saved["net"])
net.eval()

# %% predictions
table["guess"] = -1
for start in range(0, len(table), 50):
    part = table.iloc[start:start + 50]
    with torch.no_grad():
        z = net(torch.from_numpy(np.stack([picture(f) for f in part["file"]])))
    table.loc[part.index, "guess"] = z.argmax(1).numpy()

# %% result
table["ok"] = table["guess"] == table["code"]
print(table.groupby("label")["ok"].mean().round(3).to_string())
print("accuracy:", round(100 * table["ok"].mean(), 2), "%")
