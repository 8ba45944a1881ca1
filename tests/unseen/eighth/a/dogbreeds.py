import os, random
import numpy as np, pandas as pd, torch
from torch import nn
from PIL import Image
from sklearn.model_selection import train_test_split
from torchvision import models, transforms as T
from tqdm import tqdm

ROOT = '../input/dog-breed-identification'
SEED = 1337
BS = 48
EPOCHS = 20
dev = 'cuda' if torch.cuda.is_available() else 'cpu'

random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

lab = pd.read_csv(f'{ROOT}/labels.csv')            # columns: id, breed
have = {f[:-4] for f in os.listdir(f'{ROOT}/train') if f.endswith('.jpg')}
lab = lab[lab['id'].isin(have)].reset_index(drop=True)   # two downloads were broken once
breeds = sorted(lab['breed'].unique())
assert len(breeds) == 120
b2i = {b: i for i, b in enumerate(breeds)}
lab['y'] = lab['breed'].map(b2i)

tr, va = train_test_split(lab, test_size=0.15, stratify=lab['y'], random_state=SEED)

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
t_tr = T.Compose([T.RandomResizedCrop(224, scale=(0.6, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
t_va = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])


class Dogs(torch.utils.data.Dataset):
    def __init__(self, frame, tf):
        self.ids = frame['id'].tolist()
        self.ys = frame['y'].tolist()
        self.tf = tf

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, k):
        im = Image.open(os.path.join(ROOT, 'train', self.ids[k] + '.jpg')).convert('RGB')
        return self.tf(im), self.ys[k]


dl_tr = torch.utils.data.DataLoader(Dogs(tr, t_tr), BS, shuffle=True, num_workers=4, drop_last=True)
dl_va = torch.utils.data.DataLoader(Dogs(va, t_va), BS * 2, num_workers=4)

m = models.densenet121(weights=models.DenseNet121_Weights.IMAGENET1K_V1)
m.classifier = nn.Linear(m.classifier.in_features, len(breeds))
m = m.to(dev)

opt = torch.optim.SGD(m.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, nesterov=True)
sch = torch.optim.lr_scheduler.StepLR(opt, step_size=8, gamma=0.1)
ce = nn.CrossEntropyLoss()

for ep in range(EPOCHS):
    m.train()
    tot = n = 0
    for x, y in tqdm(dl_tr, leave=False):
        x, y = x.to(dev), y.to(dev)
        opt.zero_grad()
        l = ce(m(x), y)
        l.backward()
        opt.step()
        tot += l.item() * len(y); n += len(y)
    sch.step()

    m.eval()
    hit = seen = 0
    with torch.no_grad():
        for x, y in dl_va:
            hit += (m(x.to(dev)).argmax(1).cpu() == y).sum().item()
            seen += len(y)
    print(f'{ep:02d}  loss {tot / n:.4f}  val acc {hit / seen:.4f}')

torch.save({'net': m.state_dict(), 'breeds': breeds}, 'dense121_dogs.pt')
