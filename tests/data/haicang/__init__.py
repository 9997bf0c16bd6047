"""The parts of the generator of tests/data/haicang-2020; see ../make_haicang.py."""
