"""What a program computes its scores from, and what it does with them."""
