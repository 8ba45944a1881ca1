# Sound.
# Extractor de características fijo: sólo se entrena la última capa.
# Estructura:  datos/hojas/{train,val}/<especie>/*.jpg

import copy
import os
import time

import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim import lr_scheduler
from torchvision import datasets, models, transforms

directorio = 'datos/hojas'
dispositivo = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')

normalizar = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

transformaciones = {
    'train': transforms.Compose([
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(20),
        transforms.ToTensor(),
        normalizar,
    ]),
    'val': transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        normalizar,
    ]),
}

conjuntos = {f: datasets.ImageFolder(os.path.join(directorio, f), transformaciones[f])
             for f in ['train', 'val']}
cargadores = {f: torch.utils.data.DataLoader(conjuntos[f], batch_size=32,
                                             shuffle=(f == 'train'), num_workers=4)
              for f in ['train', 'val']}
tam = {f: len(conjuntos[f]) for f in ['train', 'val']}
clases = conjuntos['train'].classes


def entrenar(modelo, criterio, optimizador, planificador, num_epocas=25):
    inicio = time.time()
    mejor_pesos = copy.deepcopy(modelo.state_dict())
    mejor_acc = 0.0

    for epoca in range(num_epocas):
        print('Época {}/{}'.format(epoca + 1, num_epocas))
        for fase in ['train', 'val']:
            if fase == 'train':
                modelo.train()
            else:
                modelo.eval()

            perdida_acum = 0.0
            aciertos = 0
            for entradas, etiquetas in cargadores[fase]:
                entradas = entradas.to(dispositivo)
                etiquetas = etiquetas.to(dispositivo)

                # en la fase de validación no se guarda el grafo
                with torch.set_grad_enabled(fase == 'train'):
                    salidas = modelo(entradas)
                    _, pred = torch.max(salidas, 1)
                    perdida = criterio(salidas, etiquetas)

                    if fase == 'train':
                        optimizador.zero_grad()
                        perdida.backward()
                        optimizador.step()

                perdida_acum += perdida.item() * entradas.size(0)
                aciertos += torch.sum(pred == etiquetas).item()

            if fase == 'train':
                planificador.step()

            perdida_ep = perdida_acum / tam[fase]
            acc_ep = aciertos / tam[fase]
            print('{} pérdida: {:.4f} acc: {:.4f}'.format(fase, perdida_ep, acc_ep))

            if fase == 'val' and acc_ep > mejor_acc:
                mejor_acc = acc_ep
                mejor_pesos = copy.deepcopy(modelo.state_dict())

    print('Tiempo total: {:.0f} min'.format((time.time() - inicio) / 60))
    print('Mejor acc en validación: {:.4f}'.format(mejor_acc))
    modelo.load_state_dict(mejor_pesos)
    return modelo


modelo = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
for parametro in modelo.parameters():
    parametro.requires_grad = False

# la capa nueva tiene requires_grad=True por defecto
modelo.fc = nn.Linear(modelo.fc.in_features, len(clases))
modelo = modelo.to(dispositivo)

criterio = nn.CrossEntropyLoss()
optimizador = optim.SGD(modelo.fc.parameters(), lr=0.01, momentum=0.9)
planificador = lr_scheduler.StepLR(optimizador, step_size=10, gamma=0.1)

modelo = entrenar(modelo, criterio, optimizador, planificador, num_epocas=25)
torch.save(modelo.state_dict(), 'hojas_resnet18.pth')
