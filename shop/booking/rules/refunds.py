"""What is due and what comes back: deposits, cancelling, not coming, and sessions of a package that are left over."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from shop.kit.money import ZERO, Money, zero
from shop.pricing.rules import round_money


@dataclass(frozen=True, slots=True)
class RefundTier:
    """Who cancels at least so long before the start gets so much back. Units: `percent` of what was paid, 0 to 100."""

    min_notice: timedelta
    percent: Decimal


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """What the customer agreed to at the sale; the tiers in any order.

    Units: `no_show_percent` of the full price is owed by who does not come, 0 to 100.
    """

    tiers: tuple[RefundTier, ...]
    fee: Money | None = None
    no_show_percent: Decimal = ZERO


def refund_amount(policy: CancellationPolicy, paid: Money, notice: timedelta, *, by_staff: bool = False) -> Money:
    """What comes back: the share of the longest notice that was kept, half up, less the fee; all if the shop cancels.

    Notice is elapsed time before the start, negative after it; one that is exactly a tier's belongs to that tier.
    """
    if by_staff:
        return paid
    kept = [tier for tier in policy.tiers if tier.min_notice <= notice]
    if not kept:
        return zero(paid.currency)
    refund = _share(paid, max(kept, key=lambda tier: tier.min_notice).percent)
    if policy.fee is not None:
        refund -= policy.fee
    return _between_zero_and(refund, paid)


def gives_session_back(policy: CancellationPolicy, notice: timedelta, *, by_staff: bool = False) -> bool:
    """Whether a session that paid for the visit can be spent again: if of money at least something would come back."""
    hundred = Money(Decimal(100), "USD")
    return bool(refund_amount(replace(policy, fee=None), hundred, notice, by_staff=by_staff))


def no_show_fee(policy: CancellationPolicy, price: Money) -> Money:
    """What a customer who did not come owes of the full price, half up; what was paid counts towards it."""
    return _between_zero_and(_share(price, policy.no_show_percent), price)


def deposit_amount(kind: str, value: Decimal, price: Money) -> Money:
    """What is to be paid when booking: all of it (NONE), a FIXED amount or a PERCENT of it, half up; never above it."""
    if kind == "NONE":
        return price
    if kind == "FIXED":
        return _between_zero_and(Money(round_money(value, price.currency), price.currency), price)
    if kind == "PERCENT":
        return _between_zero_and(_share(price, value), price)
    raise ValueError(f"no such deposit: {kind}")


def package_value_pro_rata(paid: Money, *, sessions: int, unused: int) -> Money:
    """What the unused sessions are worth as their share of what the package cost, half up."""
    if not 0 <= unused <= sessions or sessions == 0:
        raise ValueError(f"{unused} of {sessions} sessions cannot be unused")
    return Money(round_money(paid.amount * unused / sessions, paid.currency), paid.currency)


def value_of_last(paid: Money, *, sessions: int, balance: int, taken: int) -> Money:
    """What `taken` sessions off a balance are worth: however they are taken, all together are worth what was paid.

    Sessions beyond the ones that were paid for are worth nothing, and are taken first.
    """
    before, after = min(balance, sessions), min(balance - taken, sessions)
    return package_value_pro_rata(paid, sessions=sessions, unused=before) - package_value_pro_rata(
        paid, sessions=sessions, unused=after
    )


def package_value_at_list_price(paid: Money, *, used: int, list_price: Money) -> Money:
    """What is left of the package's price once each used session is charged as if it had been booked alone."""
    return _between_zero_and(paid - list_price * used, paid)


def _share(amount: Money, percent: Decimal) -> Money:
    return Money(round_money(amount.amount * percent / 100, amount.currency), amount.currency)


def _between_zero_and(amount: Money, limit: Money) -> Money:
    return max(zero(limit.currency), min(amount, limit))
