"""`python -m shop` is the command line `shop`."""

from shop.cli.main import main

main()
