"""The one table of tolerances; every entry with its reason. A looser number needs a reason here, never in a test."""

TOL = {
    # Two float64 computations of the same mathematics: rounding of a few hundred operations.
    "identical": 1e-12,
    # The complex step has no cancellation (h = 1e-30): it differs from the formula by rounding only.
    "complex step": 1e-12,
    # h = 1e-6: truncation h^2 and cancellation 1e-16/h both stay below.
    "central difference": 1e-7,
    # float32 carries 24 bits: 6e-8 an operation, a few hundred operations.
    "float32": 1e-4,
    # HIPS autograd computes the same derivatives in float64 in another order.
    "autograd": 1e-12,
}
