# Clasificador de flores (102 clases) con una red ya entrenada
# Solo se entrena la última capa, mi portátil no da para más :)
import torch
import torchvision
from torchvision import datasets, models, transforms

carpeta = "./datos"
lote = 16
epocas = 25
tasa = 0.001

torch.manual_seed(123)
equipo = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("usando", equipo)

media = [0.485, 0.456, 0.406]
desv = [0.229, 0.224, 0.225]

trans_entreno = transforms.Compose([
    transforms.RandomResizedCrop(224),
    transforms.RandomRotation(20),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(media, desv),
])
trans_valid = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize(media, desv),
])

conj_entreno = datasets.Flowers102(carpeta, split="train", transform=trans_entreno, download=True)
conj_valid = datasets.Flowers102(carpeta, split="val", transform=trans_valid, download=True)

carga_entreno = torch.utils.data.DataLoader(conj_entreno, batch_size=lote, shuffle=True, num_workers=2)
carga_valid = torch.utils.data.DataLoader(conj_valid, batch_size=lote, shuffle=False, num_workers=2)

# la red: se congela todo y se cambia la salida
modelo = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V1)
for parametro in modelo.parameters():
    parametro.requires_grad = False
modelo.fc = torch.nn.Linear(2048, 102)
modelo = modelo.to(equipo)

criterio = torch.nn.CrossEntropyLoss()
optimizador = torch.optim.Adam(modelo.fc.parameters(), lr=tasa)
planificador = torch.optim.lr_scheduler.StepLR(optimizador, step_size=10, gamma=0.3)


def entrenar():
    modelo.train()  # fault: C334
    suma = 0.0
    for imagenes, etiquetas in carga_entreno:
        imagenes = imagenes.to(equipo)
        etiquetas = etiquetas.to(equipo)
        optimizador.zero_grad()
        salida = modelo(imagenes)
        perdida = criterio(salida, etiquetas)
        perdida.backward()
        optimizador.step()
        suma += perdida.item() * imagenes.size(0)
    return suma / len(conj_entreno)


def validar():
    modelo.eval()
    suma = 0.0
    aciertos = 0
    with torch.no_grad():
        for imagenes, etiquetas in carga_valid:
            imagenes = imagenes.to(equipo)
            etiquetas = etiquetas.to(equipo)
            salida = modelo(imagenes)
            suma += criterio(salida, etiquetas).item() * imagenes.size(0)
            aciertos += (salida.argmax(dim=1) == etiquetas).sum().item()
    return suma / len(conj_valid), aciertos / len(conj_valid)


mejor = 0
for epoca in range(1, epocas + 1):
    p_ent = entrenar()
    p_val, acierto = validar()
    planificador.step()
    print("época %d/%d | entreno %.3f | validación %.3f | acierto %.1f %%"
          % (epoca, epocas, p_ent, p_val, 100 * acierto))
    if acierto > mejor:
        mejor = acierto
        torch.save(modelo.state_dict(), "flores_mejor.pth")

print("fin. mejor acierto en validación: %.1f %%" % (100 * mejor))
