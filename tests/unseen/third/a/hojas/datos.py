import os

from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T


class Hojas(Dataset):
    """Una fila de la tabla = una imagen; la ruta sale de la misma fila que la etiqueta."""

    def __init__(self, tabla, carpeta, tf):
        self.ids = tabla['image_id'].tolist()
        self.objetivos = tabla['objetivo'].tolist()
        self.carpeta = carpeta
        self.tf = tf

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        ruta = os.path.join(self.carpeta, self.ids[i])
        with Image.open(ruta) as im:
            return self.tf(im.convert('RGB')), self.objetivos[i]


def transformaciones(cfg):
    norm = T.Normalize(cfg['media'], cfg['desv'])
    lado = cfg['lado']
    ent = T.Compose([
        T.RandomResizedCrop(lado, scale=(cfg['escala_min'], 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomVerticalFlip(),
        T.ColorJitter(brightness=cfg['color'], contrast=cfg['color']),
        T.ToTensor(),
        norm,
    ])
    val = T.Compose([
        T.Resize(int(lado * 1.12)),
        T.CenterCrop(lado),
        T.ToTensor(),
        norm,
    ])
    return ent, val
