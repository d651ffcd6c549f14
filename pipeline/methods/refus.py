"""The one way a method declines: in, why it does not apply; out, an exception readers understand."""


class Refus(ValueError):
    """A statistical method whose premises do not hold; its message is one French sentence."""
