"""Lecture des images : <racine>/{train,val}/<espèce>/*.jpg"""
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
from torchvision import transforms as tf
from torchvision.datasets import ImageFolder

MOYENNE = (0.485, 0.456, 0.406)
ECART = (0.229, 0.224, 0.225)


def transformations(taille):
    fin = [tf.ToTensor(), tf.Normalize(MOYENNE, ECART)]
    bicubic = tf.InterpolationMode.BICUBIC
    apprentissage = tf.Compose([
        tf.RandomResizedCrop(taille, scale=(0.3, 1.0), interpolation=bicubic),
        tf.RandomHorizontalFlip(),
        tf.RandAugment(2, 7),
        *fin,
        tf.RandomErasing(0.25),
    ])
    controle = tf.Compose([tf.Resize(256, interpolation=bicubic), tf.CenterCrop(taille), *fin])
    return apprentissage, controle


def chargeurs(racine, cfg, rang, monde, taille=224):
    t_app, t_ctl = transformations(taille)
    app = ImageFolder(f"{racine}/train", t_app)
    ctl = ImageFolder(f"{racine}/val", t_ctl)
    ech = DistributedSampler(app, monde, rang, shuffle=True, seed=5, drop_last=True)
    ch_app = DataLoader(app, cfg["batch"], sampler=ech, num_workers=cfg["workers"],
                        pin_memory=True, drop_last=True)
    ch_ctl = None
    if rang == 0:      # le contrôle se fait sur la première carte seulement
        ch_ctl = DataLoader(ctl, 2 * cfg["batch"], num_workers=cfg["workers"], pin_memory=True)
    return ch_app, ch_ctl, len(app.classes)
