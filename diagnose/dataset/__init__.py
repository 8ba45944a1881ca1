"""The dataset: where images come from and what a scan measures of them."""
