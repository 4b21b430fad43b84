"""Claims of the chapter recursive."""
