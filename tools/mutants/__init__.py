"""Mutation testing: plant small faults in `utils`, one at a time, and count those that the tests notice.

make mutants                                  # a sample of every room, and the page docs/mutants.md
make mutants ROOMS="layers" SAMPLE=all        # all of one room

mutmut plants the faults. It lives in an environment of its own, build/mutants/environment, which sees the course's
packages; each room is mutated in a copy of the course under build/mutants. What survives is given a reason in
survivors.toml beside this file, or a test.
"""
