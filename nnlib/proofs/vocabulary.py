"""Claims of the chapter vocabulary."""
