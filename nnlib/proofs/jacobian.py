"""Claims of the chapter jacobian."""
