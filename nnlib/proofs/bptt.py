"""Claims of the chapter bptt."""
