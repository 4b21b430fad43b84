"""nnlib beside torch, JAX and HIPS autograd, and beside the limit: the bare matrix products.

``make bench`` makes an environment of its own, runs every row in one process on one core and writes
book/_data/benchmarks.json. Nothing in the book or in nnlib depends on this folder.
"""
