"""Gift cards of a shop file. What is on a card is its ledger's to say, once it is issued."""

from shop.blueprint import format as form
from shop.blueprint.apply.table import Row, Sync
from shop.giftcards.actions import open_ledgers
from shop.giftcards.models import GiftCard
from shop.giftcards.rules import check_amount, check_code, digest, last_characters


async def apply_gift_cards(sync: Sync, shop: form.ShopFile) -> None:
    """The cards are there with their balances, and those that were there keep what is left on them."""
    rows = []
    for card in shop.gift_cards:
        code = check_code(card.code)
        amount = check_amount(card.amount, card.currency)
        rows.append(
            Row(
                (digest(code),),
                f"****{last_characters(code)}",
                {"is_active": card.active, "expires_on": card.expires_on, "tags": sorted(set(card.tags))},
                initial={
                    "last_characters": last_characters(code),
                    "currency": card.currency,
                    "initial_amount": amount,
                    "current_amount": amount,
                },
            )
        )
    if rows:
        found = await sync.table(GiftCard, "gift card", ["code_digest"], rows)
        await open_ledgers(sync.session, list(found.values()))
