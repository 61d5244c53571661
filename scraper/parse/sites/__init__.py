"""One module per outlet: plain functions, one per dated layout, and their declaration `LAYOUTS`."""
