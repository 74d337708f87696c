"""Who listens to which event, in which order, and which jobs exist. Called once by whatever process does work."""

import shop.tables  # noqa: F401 - a table's foreign keys lead to slices that a worker alone would never import
from shop.accounts import jobs as account_jobs
from shop.accounts.events import AccountDeleted, MailboxProved
from shop.booking import jobs as booking_jobs
from shop.booking.actions.entitlements import attach_guest_entitlements, follow_booking
from shop.booking.actions.messages import tell_later
from shop.booking.actions.waitlist import attach_guest_entries, time_is_free
from shop.booking.events import BookingChanged, HoldExpiring, HoldReleased
from shop.catalogue.events import ProductsChanged
from shop.changes import jobs as change_jobs
from shop.checkout import jobs as checkout_jobs
from shop.checkout.actions.complete import payment_changed as complete_when_paid
from shop.checkout.actions.slots import end_payment, slots_follow_payment
from shop.comments import jobs as comment_jobs
from shop.comments.actions import erase_author
from shop.discounts import jobs as discount_jobs
from shop.discounts.actions import prices_changed
from shop.giftcards.actions import adopt_guest_cards
from shop.idempotency import jobs as idempotency_jobs
from shop.kit.events import listen
from shop.mail import jobs as mail_jobs
from shop.orders import jobs as order_jobs
from shop.orders.actions import payment_changed as update_paid_order
from shop.orders.actions.attach import attach_guest_orders
from shop.orders.actions.cancel_booking import free_bookings
from shop.orders.actions.disputes import follow_dispute
from shop.orders.actions.unpaid import certain_when_paid
from shop.orders.events import OrderCanceled, OrderPaymentChanged
from shop.payments import jobs as payment_jobs
from shop.payments.events import PaymentDisputed, TransactionChanged
from shop.pricing.actions import products_changed
from shop.pricing.events import PricesChanged
from shop.stock import jobs as stock_jobs

# Importing a slice's `jobs` declares its jobs.
JOBS = (
    mail_jobs,
    account_jobs,
    payment_jobs,
    order_jobs,
    checkout_jobs,
    stock_jobs,
    booking_jobs,
    discount_jobs,
    idempotency_jobs,
    comment_jobs,
    change_jobs,
)


def connect() -> None:
    """Every event has its listeners; calling it again changes nothing."""
    listen(TransactionChanged, update_paid_order, complete_when_paid, slots_follow_payment)
    listen(PaymentDisputed, follow_dispute)
    listen(HoldExpiring, end_payment)
    listen(OrderPaymentChanged, certain_when_paid)
    listen(OrderCanceled, free_bookings)
    listen(HoldReleased, time_is_free)
    listen(BookingChanged, follow_booking, tell_later, time_is_free)
    listen(MailboxProved, attach_guest_orders, attach_guest_entitlements, attach_guest_entries, adopt_guest_cards)
    listen(AccountDeleted, erase_author)
    listen(ProductsChanged, products_changed)
    listen(PricesChanged, prices_changed)
