"""nnlib beside torch, JAX and HIPS autograd, and beside the limit: the bare matrix products.

``make bench`` makes an environment of its own, runs every row in one process on one core and writes
book/_data/benchmarks.json. It goes over the rows in sweeps, minutes apart, and makes every program and its arrays
anew in each: where arrays lie and what the machine's other users do differs between them, as it would between two
runs. Nothing in the book or in nnlib depends on this folder.
"""
