import argparse
from collections import OrderedDict
import torch
from torch import nn, optim
from torchvision import models
import workspace_utils

ap = argparse.ArgumentParser(description='Train.py')
ap.add_argument('data_dir', nargs='*', action="store", default="./flowers/")
ap.add_argument('--gpu', dest="gpu", action="store", default="gpu")
ap.add_argument('--save_dir', dest="save_dir", action="store", default="./checkpoint.pth")
ap.add_argument('--learning_rate', dest="learning_rate", action="store", type=float, default=0.001)
ap.add_argument('--dropout', dest="dropout", action="store", type=float, default=0.5)
ap.add_argument('--epochs', dest="epochs", action="store", type=int, default=8)
ap.add_argument('--arch', dest="arch", action="store", default="vgg16", type=str)
ap.add_argument('--hidden_units', type=int, dest="hidden_units", action="store", default=120)
pa = ap.parse_args()


def nn_setup(structure, dropout, hidden_layer1, lr, power):
    if structure == 'vgg16':
        model = models.vgg16(pretrained=True)
    elif structure == 'densenet121':
        model = models.densenet121(pretrained=True)
    else:
        print("Im sorry but {} is not a valid model.".format(structure))
    for param in model.parameters():
        param.requires_grad = False
    classifier = nn.Sequential(OrderedDict([
        ('dropout', nn.Dropout(dropout)),
        ('inputs', nn.Linear(25088, hidden_layer1)),
        ('relu1', nn.ReLU()),
        ('hidden_layer3', nn.Linear(hidden_layer1, 102)),
        ('output', nn.LogSoftmax(dim=1))]))
    model.classifier = classifier
    criterion = nn.NLLLoss()
    optimizer = optim.Adam(model.classifier.parameters(), lr)
    if torch.cuda.is_available() and power == 'gpu':
        model.cuda()
    return model, criterion, optimizer


def train_network(model, criterion, optimizer, epochs, print_every, trainloader, vloader, power):
    steps = 0
    running_loss = 0
    for e in range(epochs):
        running_loss = 0
        for ii, (inputs, labels) in enumerate(trainloader):
            steps += 1
            if torch.cuda.is_available() and power == 'gpu':
                inputs, labels = inputs.to('cuda'), labels.to('cuda')
            optimizer.zero_grad()
            outputs = model.forward(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            if steps % print_every == 0:
                model.eval()
                vlost = 0
                accuracy = 0
                with torch.no_grad():
                    for ii, (inputs2, labels2) in enumerate(vloader):
                        inputs2, labels2 = inputs2.to('cuda'), labels2.to('cuda')
                        outputs = model.forward(inputs2)
                        vlost += criterion(outputs, labels2).item()
                        ps = torch.exp(outputs).data
                        equality = (labels2.data == ps.max(1)[1])
                        accuracy += equality.type_as(torch.FloatTensor()).mean()
                running_loss = 0
                model.train()


torch.manual_seed(0)
trainloader, vloader, train_data = workspace_utils.load_data(pa.data_dir)
model, criterion, optimizer = nn_setup(pa.arch, pa.dropout, pa.hidden_units, pa.learning_rate, pa.gpu)
train_network(model, criterion, optimizer, pa.epochs, 20, trainloader, vloader, pa.gpu)
