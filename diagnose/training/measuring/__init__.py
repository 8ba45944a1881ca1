"""How a program computes its scores, and what it does with them."""
