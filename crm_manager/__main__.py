"""`crm-manager`: the Card Editor."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from crm_manager.contents import make_shell
from shared.logs.setup import set_up
from shared.ui.application import Program, make_application, memory_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed."""
    parser = argparse.ArgumentParser(prog="crm-manager", description=__doc__)
    parser.add_argument("--server", metavar="HOST:PORT", help="the card server's management port")
    parser.add_argument("--login", metavar="NAME", help="the name to begin with")
    options = parser.parse_args(arguments)
    set_up(console=False)
    memory = memory_of("crm-manager")
    application = make_application("crm-manager", memory)
    program = Program(application, "crm-manager", memory, make_shell)
    program.catch_faults()
    program.begin(options.server, options.login)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
