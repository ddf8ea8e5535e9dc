"""Pictures of every page and dialog of the User Manager: `start.py screenshots`."""

from __future__ import annotations

import sys
from typing import Final

from shared.ui.pictures import Sitter, main
from user_manager.contents import PAGES, make_shell

SITTER: Final = Sitter("user-manager", PAGES, make_shell)

if __name__ == "__main__":
    sys.exit(main(SITTER))
