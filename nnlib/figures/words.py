"""Numbers as the sentence of a figure says them."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def say(number: float) -> str:
    """A number as text, with a minus that is one."""
    return f"{number:.4g}".replace("-", "−")


def operand(number: float) -> str:
    """A number behind a sign: what is negative stands in brackets."""
    return f"({say(number)})" if number < 0 else say(number)


def ten_to(k: int) -> str:
    """A power of ten: 10⁻⁵."""
    return f"10{str(k).translate(RAISED)}"


def power(value: float, digits: int = 2) -> str:
    """`digits` significant digits, with a power of ten where the number is long: 0.021, 200, 3.1 · 10⁻⁵."""
    front, _, exponent = f"{value:.{digits}g}".partition("e")
    if not exponent:
        return front
    if 0 < int(exponent) < 6:
        return f"{float(f'{value:.{digits}g}'):,.0f}"
    return f"{front}\u00a0·\u00a0{ten_to(int(exponent))}"


def signed(value: float) -> str:
    """Two decimals with a real minus sign, and none before zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
