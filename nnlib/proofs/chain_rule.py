"""Claims of the chapter chain_rule."""
