"""`python -m tests.faults kill --rounds 20`: what breaks a server, and what must hold all the same.

Exit code 0 if everything held, 1 if not. `kill` kills the process under load; `disk-full`,
`read-only` and `locked` take something away from a running server and give it back.
"""

from __future__ import annotations

import argparse
import sys

from tests.faults.killing import HEAD, kill_rounds
from tests.faults.scenarios import SCENARIOS


def main() -> int:
    """Run one program or all of them."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("what", choices=("kill", *SCENARIOS, "all"))
    parser.add_argument("--rounds", type=int, default=20, help="kills (default 20)")
    parser.add_argument(
        "--durability", choices=("both", "auto", "inline", "pipelined"), default="both"
    )
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same calls")
    options = parser.parse_args()
    good = True
    for name, scenario in SCENARIOS.items():
        if options.what in (name, "all"):
            for how in _turns(options.durability):
                wrong = scenario(how)
                good = good and not wrong
                print(f"{name} ({how}): {'ok' if not wrong else 'WRONG'}", flush=True)
                for sentence in wrong:
                    print(f"  {sentence}", flush=True)
    if options.what in ("kill", "all"):
        print(HEAD, flush=True)
        rounds = kill_rounds(options.rounds, options.durability, options.seed)
        bad = [one for one in rounds if one.wrong]
        acknowledged = sum(one.acknowledged for one in rounds)
        print(f"{len(rounds)} kills, {acknowledged} acknowledged calls, {len(bad)} rounds wrong")
        for one in bad:
            for sentence in one.wrong[:20]:
                print(f"  round {one.number}: {sentence}")
        good = good and not bad
    return 0 if good else 1


def _turns(durability: str) -> tuple[str, ...]:
    return ("inline", "pipelined") if durability == "both" else (durability,)


if __name__ == "__main__":
    sys.exit(main())
