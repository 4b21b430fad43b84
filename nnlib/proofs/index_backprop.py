"""Claims of the chapter index_backprop."""
