"""Imports and exports as a whole: files and pictures are read between units of work, never inside of one."""

from shop.exchange.flows.importing import Options, import_from

__all__ = ["Options", "import_from"]
