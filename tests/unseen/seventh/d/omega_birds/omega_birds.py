# uso: python omega_birds.py optim.lr=0.02 epochs=50
import os
import sys

import timm
import torch
from omegaconf import OmegaConf
from tqdm import tqdm

from pipeline import streams

cfg = OmegaConf.merge(
    OmegaConf.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "conf.yaml")),
    OmegaConf.from_cli(sys.argv[1:]),
)
OmegaConf.set_readonly(cfg, True)
torch.manual_seed(cfg.seed)
cuda = torch.device(f"cuda:{cfg.gpu}")

treino, validacao = streams(cfg)

rede = timm.create_model(cfg.net.name, pretrained=cfg.net.pretrained,
                         num_classes=cfg.data.num_classes, drop_rate=cfg.net.drop_rate).to(cuda)
otimizador = torch.optim.SGD(rede.parameters(), **cfg.optim)
agenda = torch.optim.lr_scheduler.CosineAnnealingLR(otimizador, cfg.epochs, eta_min=cfg.eta_min)
perda = torch.nn.CrossEntropyLoss()


def avaliar():
    rede.eval()
    acertos, total = 0, 0
    with torch.no_grad():
        for imagens, rotulos in validacao:
            saida = rede(imagens.to(cuda))
            acertos += int((saida.argmax(1) == rotulos.to(cuda)).sum())
            total += rotulos.size(0)
    return acertos / total


os.makedirs(f"saidas/{cfg.experiment}", exist_ok=True)
OmegaConf.save(cfg, f"saidas/{cfg.experiment}/conf.yaml")
melhor = 0.0
for epoca in range(1, cfg.epochs + 1):
    rede.train()
    barra = tqdm(treino, desc=f"epoca {epoca}")
    for imagens, rotulos in barra:
        imagens, rotulos = imagens.to(cuda), rotulos.to(cuda)
        otimizador.zero_grad()
        custo = perda(rede(imagens), rotulos)
        custo.backward()
        otimizador.step()
        barra.set_postfix(custo=f"{custo.item():.3f}")
    agenda.step()
    acc = avaliar()
    print(f"epoca {epoca}: validacao {acc:.4f}")
    if acc > melhor:
        melhor = acc
        torch.save(rede.state_dict(), f"saidas/{cfg.experiment}/melhor.pt")
