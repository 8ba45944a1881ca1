"""The order of a program's images, labels, predictions and class numbers, and whether the orders agree."""
