"""Pages under the addresses that they had on another site."""

from datetime import timedelta

from shop.content.models import PageAddress
from shop.kit import clock
from tests import factories as make
from tests.api.client import Api

PAGE = "query Page($address: String!) { pageByFormerAddress(address: $address) { slug } }"


async def test_a_page_is_found_where_it_was_by_who_may_read_it(api: Api) -> None:
    async with api.database.unit() as session:
        pages = {
            "shown": await make.page(session, slug="shown"),
            "draft": await make.page(session, slug="draft", is_published=False),
            "later": await make.page(session, slug="later", published_at=clock.now() + timedelta(days=1)),
        }
        for slug, page in pages.items():
            session.add(PageAddress(address=f"/2024/05/{slug}", page_id=page.id))
        session.add(PageAddress(address="/?p=5", page_id=pages["shown"].id))
    writer = await api.login("writer@example.com", "MANAGE_PAGES")
    colleague = await api.login("colleague@example.com", "MANAGE_PRODUCTS")

    async def found(address: str, token: str | None = None) -> str | None:
        page = (await api(PAGE, {"address": address}, token=token)).data["pageByFormerAddress"]
        return None if page is None else str(page["slug"])

    for address in ("/2024/05/Shown/", "https://anywhere.example/2024/05/shown?utm=1", "/?p=5"):
        assert await found(address) == "shown"
    for address in ("/2024/05/none", "/", "", "http://[", "/a%00", "/pages/shown"):
        assert await found(address) is None
    for slug in ("draft", "later"):
        assert await found(f"/2024/05/{slug}") is None
        assert await found(f"/2024/05/{slug}", colleague) is None
        assert await found(f"/2024/05/{slug}", writer) == slug
