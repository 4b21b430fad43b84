"""Claims of the chapter gradient_backprop."""
