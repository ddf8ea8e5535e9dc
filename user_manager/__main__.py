"""`user-manager`: users, their roles and rights, sessions and journals."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from shared.logs.setup import set_up
from shared.ui.application import Program, make_application, memory_of
from user_manager.contents import make_shell


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed."""
    parser = argparse.ArgumentParser(prog="user-manager", description=__doc__)
    parser.add_argument("--server", metavar="HOST:PORT", help="the card server's management port")
    options = parser.parse_args(arguments)
    set_up(console=False)
    memory = memory_of("user-manager")
    application = make_application("user-manager", memory)
    program = Program(application, "user-manager", memory, make_shell)
    program.catch_faults()
    program.begin(options.server)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
