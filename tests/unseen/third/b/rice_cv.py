# Pirinç çeşitleri (5 sınıf) - OpenCV ile okuma, MobileNetV2 ile eğitim
import glob
import os

import cv2
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset, random_split
from torchvision import models, transforms

KLASOR = 'Rice_Image_Dataset'
SINIFLAR = ['Arborio', 'Basmati', 'Ipsala', 'Jasmine', 'Karacadag']
BOYUT = 224
TOHUM = 2023
GRUP = 64
DEVIR = 5

torch.manual_seed(TOHUM)


class Pirinc(Dataset):
    def __init__(self, donusum):
        self.ornekler = []
        for no, ad in enumerate(SINIFLAR):
            for yol in sorted(glob.glob(os.path.join(KLASOR, ad, '*.jpg'))):
                self.ornekler.append((yol, no))
        self.donusum = donusum

    def __len__(self):
        return len(self.ornekler)

    def __getitem__(self, i):
        yol, no = self.ornekler[i]
        resim = cv2.imread(yol)
        resim = cv2.cvtColor(resim, cv2.COLOR_BGR2RGB)
        resim = cv2.resize(resim, (BOYUT, BOYUT))
        resim = resim.astype(np.float32) / 255.0        # 0..1
        return self.donusum(resim), no


normal = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
egitim_don = transforms.Compose([
    transforms.ToTensor(),
    transforms.RandomHorizontalFlip(),
    transforms.RandomVerticalFlip(),
    normal,
])
dogrulama_don = transforms.Compose([transforms.ToTensor(), normal])

# aynı dosyalar iki kez, aynı tohumla bölünür
tum_egitim = Pirinc(egitim_don)
tum_duz = Pirinc(dogrulama_don)
n_dog = len(tum_duz) // 5
paylar = [len(tum_duz) - n_dog, n_dog]
egitim, _ = random_split(tum_egitim, paylar, generator=torch.Generator().manual_seed(TOHUM))
_, dogrulama = random_split(tum_duz, paylar, generator=torch.Generator().manual_seed(TOHUM))
print(len(egitim), 'eğitim', len(dogrulama), 'doğrulama')

egitim_yukle = DataLoader(egitim, batch_size=GRUP, shuffle=True, num_workers=8, pin_memory=True)
dog_yukle = DataLoader(dogrulama, batch_size=GRUP, shuffle=False, num_workers=8, pin_memory=True)

cihaz = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
ag = models.mobilenet_v2(weights=models.MobileNet_V2_Weights.IMAGENET1K_V1)
ag.classifier[1] = nn.Linear(ag.last_channel, len(SINIFLAR))
ag.to(cihaz)
kayip_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(ag.parameters(), lr=2e-4)

for devir in range(1, DEVIR + 1):
    ag.train()
    toplam = torch.zeros((), device=cihaz)
    for x, y in egitim_yukle:
        x, y = x.to(cihaz), y.to(cihaz)
        opt.zero_grad()
        kayip = kayip_fn(ag(x), y)
        kayip.backward()
        opt.step()
        toplam += kayip.detach() * y.size(0)

    ag.eval()
    dogru = torch.zeros((), device=cihaz)
    with torch.no_grad():
        for x, y in dog_yukle:
            dogru += (ag(x.to(cihaz)).argmax(1) == y.to(cihaz)).sum()
    print('devir %d  kayıp %.4f  doğruluk %.4f' % (
        devir, toplam.item() / len(egitim), dogru.item() / len(dogrulama)))

torch.save(ag.state_dict(), 'pirinc.pth')
