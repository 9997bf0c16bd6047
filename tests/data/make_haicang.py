#!/usr/bin/env python3
"""Makes and checks the test data of Haicang District's year 2020 (tests/data/haicang-2020).

THE DATA IS SYNTHETIC. Only what the district's published summary of 2020 states is real: the names
of the bureaus it mentions, the five named cases and their amounts, and the totals that the files
are made to round to. Units called 示例, all other projects, amounts, indicators, payments, scores,
people, institutions, dates and document numbers are invented, from a fixed seed.

    make_haicang.py                 writes the folder anew (needs openpyxl for the forms)
    make_haicang.py --check         recomputes the 44 figures from the files and tests the files'
                                    inner consistency (standard library only); exit status 1 on a difference
    --folder DIR                    another folder than haicang-2020 beside this script
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no compiled files beside the sources

from haicang import check, evaluation, execution, forms, objectives, projects, results, units
from haicang.table import World

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--folder", type=Path, default=HERE / "haicang-2020")
    options = parser.parse_args()
    if options.check:
        return check.run(options.folder)
    world = World()
    for part in (units, projects, objectives, execution, evaluation, results):
        part.make(world)
    world.write(options.folder)
    forms.write(world, options.folder / "forms")
    rows = sum(len(table[1]) for table in world.tables.values())
    print(f"{options.folder}: {len(world.tables)} tables, {rows} rows, {len(forms.chosen(world))} forms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
