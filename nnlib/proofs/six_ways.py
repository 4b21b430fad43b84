"""Claims of the chapter six_ways."""
