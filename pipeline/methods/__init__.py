"""Statistics as pure functions of numbers: numbers in, numbers and states out.

Nothing here reads a file, a base or a clock, and nothing here writes a sentence of the report.
A method that does not apply says so: NaN for one undefined row of an array, `Refus` for a call
whose premises do not hold.
"""
