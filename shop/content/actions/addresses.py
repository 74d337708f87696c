"""Where pages were found before they came here."""

from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.models import PageAddress


async def remember_addresses(session: AsyncSession, pages: Mapping[str, int]) -> None:
    """Whoever asks for these addresses is sent to these pages; one is the page's that claimed it last.

    Shapes: from the address, as `rules.former_address` writes it, to the page's id.
    """
    if not pages:
        return
    statement = insert(PageAddress).values([{"address": key, "page_id": page_id} for key, page_id in pages.items()])
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["address"],
            set_={"page_id": statement.excluded.page_id},
            where=PageAddress.page_id != statement.excluded.page_id,
        )
    )
