"""In which order a program's pictures, labels, predictions and class numbers come, and whether the orders agree."""
