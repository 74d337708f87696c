"""A small shop to buy from."""

import pytest

from shop.kit.db import Database
from tests.api.shopping import Shop, open_shop


@pytest.fixture
async def shop(database: Database) -> Shop:
    """Goods, a service and a way of delivery, in two channels."""
    return await database.run(open_shop)
