"""Pictures of every page and dialog of the Card Editor: `start.py screenshots`."""

from __future__ import annotations

import sys
from typing import Final

from crm_manager.contents import PAGES, make_shell
from shared.ui.pictures import Sitter, main

SITTER: Final = Sitter("crm-manager", PAGES, make_shell)

if __name__ == "__main__":
    sys.exit(main(SITTER))
