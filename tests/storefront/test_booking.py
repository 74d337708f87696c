"""Choosing a time, the held time in the cart, and what its buyer can do with it later."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.storefront.browsing import words
from tests.storefront.fake import FakeShop
from tests.storefront.people import EMAIL, PASSWORD
from tests.storefront.visits import OTHER, PERSON, PLACE, TOKEN, VISIT, slot, visit_at

PAGE = "/products/course-of-3-consultations"


def day(start: datetime) -> str:
    return f"{start:%A} {start.day} {start:%B}"


async def hold(client: httpx.AsyncClient, fake: FakeShop, **more: str) -> httpx.Response:
    form = {"variantId": VISIT, "quantity": "1", "slotToken": slot(fake.starts[0]), "next": PAGE}
    return await client.post("/cart/lines", data=form | more)


async def test_the_first_free_day_and_its_times(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    page = await browser_like.get(PAGE)
    text = words(page)
    assert "50 minutes, at the practice" in text
    free = re.findall(r'href="\?variant=[^"]*&amp;day=([^"]+)#times"', page.text)
    assert free == [str(fake.starts[n].date()) for n in (0, 3, 6)]
    times = "09:00 Example practitioner A 10:00 Example practitioner A 11:00 Example practitioner A"
    assert f"{day(fake.starts[0])} {times}" in text
    assert "Times as your clock shows them in Berlin" in text
    assert "Add to cart" not in text
    assert page.text.count('name="slotToken"') == 3


async def test_times_are_told_on_the_visitors_clock_and_the_practitioners(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    fake.sell_times()
    text = words(await browser_like.get(PAGE, params={"zone": "Asia/Tokyo"}))
    local = fake.starts[0].astimezone(UTC) + timedelta(hours=9)
    assert f"{local:%H:%M} Example practitioner A 09:00 in Berlin" in text
    browser_like.cookies.set("shop_zone", "Asia%2FTokyo")
    page = await browser_like.get(PAGE)
    assert f"{local:%H:%M} Example practitioner A 09:00 in Berlin" in words(page)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "<script>", ""])
async def test_a_zone_that_is_none_is_ignored(browser_like: httpx.AsyncClient, fake: FakeShop, zone: str) -> None:
    fake.sell_times()
    text = words(await browser_like.get(PAGE, params={"zone": zone}))
    assert "Times as your clock shows them in Berlin" in text


async def test_another_day_another_person(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times(PERSON, OTHER)
    # A day without times: the next one that has some.
    page = await browser_like.get(PAGE, params={"day": str(fake.starts[4].date() + timedelta(days=1)), "with": "P2"})
    link = f"?variant={VISIT}&amp;with=P2&amp;day={fake.starts[6].date()}#times"
    assert f'<a href="{link}" aria-current="date">' in page.text
    assert fake.sent("AvailableSlots")["practitionerIds"] == ["P2"]
    await browser_like.get(PAGE, params={"with": "P9"})
    assert fake.sent("AvailableSlots")["practitionerIds"] is None
    assert (await browser_like.get(PAGE, params={"day": "yesterday"})).status_code == 200


async def test_nothing_free(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    fake.starts = []
    assert "Nothing is free in the next 60 days" in words(await browser_like.get(PAGE))


async def test_a_chosen_time_is_held_in_the_cart(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    answer = await hold(browser_like, fake)
    assert answer.headers["location"] == f"{PAGE}#cart"
    assert fake.sent("CheckoutCreate")["input"]["lines"][0]["booking"]["slotToken"] == slot(fake.starts[0])
    start = fake.starts[0]
    page = words(await browser_like.get("/cart"))
    assert f"{start:%A} {start.day} {start:%B %Y}, 09:00 (Berlin), with Example practitioner A" in page
    assert "Held for you until" in page
    assert "Hold it longer" in page
    assert "Update" not in page
    await browser_like.post("/cart/lines/extend", data={"lineId": VISIT})
    assert "The time is held for longer." in words(await browser_like.get("/cart"))
    fake.holds[VISIT] |= {"state": "LOST"}
    lost = words(await browser_like.get("/cart"))
    assert "This time is no longer held for you. Remove it, and choose a time anew" in lost
    assert "Sold out" not in lost
    fake.holds.clear()
    await browser_like.post("/cart/lines/extend", data={"lineId": VISIT})
    assert "It cannot be held any longer." in words(await browser_like.get("/cart"))


async def test_who_comes_second_is_told_kindly_and_shown_what_is_free(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    fake.sell_times()
    await browser_like.get(PAGE)
    fake.taken.add(slot(fake.starts[0]))
    answer = await hold(browser_like, fake)
    page = words(await browser_like.get(answer.headers["location"]))
    assert "Somebody was faster: this time is taken now. The times below are free." in page
    assert "09:00 Example" not in page
    assert "10:00 Example practitioner A" in page
    assert "Subtotal $0.00" in page


async def test_a_group_session_sells_seats(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times(capacity=8)
    page = await browser_like.get(PAGE)
    assert "50 minutes, at the practice, up to 8 people" in words(page)
    assert "4 seats left" in words(page)
    assert 'id="seats" name="quantity" type="number" inputmode="numeric" min="1" max="8"' in page.text


async def test_sessions_of_a_package_pay_for_a_visit(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    package = {"id": "E1", "name": "Course of 3", "granted": 3, "balance": 2, "expiresAt": None, "variantIds": [VISIT]}
    ended = package | {"id": "E2", "name": "Old course", "expiresAt": "2020-01-01T00:00:00+00:00"}
    other = package | {"id": "E3", "name": "Other course", "variantIds": ["something-else"]}
    fake.packages = [package, ended, other, package | {"id": "E4", "name": "Used course", "balance": 0}]
    fake.packages += [package | {"id": "E5", "name": "New course", "granted": 5, "balance": 0, "awaitsPayment": True}]
    assert "Course of 3, 2 left" not in words(await browser_like.get(PAGE))
    await browser_like.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    page = words(await browser_like.get(PAGE))
    assert "Pay with Course of 3, 2 left Card" in page
    await hold(browser_like, fake, entitlementId="E1")
    booking = fake.sent("CheckoutCreate")["input"]["lines"][0]["booking"]
    assert booking == {"slotToken": slot(fake.starts[0]), "entitlementId": "E1"}
    packages = await browser_like.get("/account/packages")
    page = words(packages)
    # Where its sessions are spent; those of the ended, the used and the unpaid one are nowhere.
    assert page.count("Book Course of 3 consultations, Size 1") == 1
    assert f'href="{PAGE}?variant={VISIT}#times"' in packages.text
    assert fake.sent("VariantsByIds")["ids"] == [VISIT, "something-else"]
    assert "2 of 3 sessions left" in page
    assert "ended 1 January 2020" in page
    assert "New course 5 sessions, to be used as soon as the order is paid" in page


async def test_the_confirmation_has_the_visit_with_its_calendar_file(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    fake.sell_times()
    await hold(browser_like, fake)
    person = {"billing.firstName": "Example", "billing.lastName": "Shopper", "billing.country": "US"}
    await browser_like.post("/checkout/details", data={"email": "shopper@example.com", **person})
    await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    answer = await browser_like.get("/checkout/return")
    (order,) = fake.orders.values()
    # The API tells the token to who completes the checkout, and to nobody who only has the order's address.
    order["bookings"][0]["token"] = None
    page = await browser_like.get(answer.headers["location"])
    assert f'href="/bookings/{TOKEN}/appointment.ics"' in page.text
    assert f'href="/bookings/{TOKEN}"' in page.text
    browser_like.cookies.delete("shop_bookings")
    page = await browser_like.get(answer.headers["location"])
    assert TOKEN not in page.text
    assert "To change it, use the link in the e-mail." in words(page)


async def test_a_booking_and_its_terms(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.visit = visit_at(fake.starts[0])
    page = await browser_like.get(f"/bookings/{TOKEN}", params={"zone": "Asia/Tokyo"})
    text = words(page)
    assert "With Example practitioner A" in text
    assert "(Tokyo)" in text
    assert "09:00 in Berlin" in text
    assert "Up to 2 days before: everything is paid back" in text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "noindex" in page.text
    assert (await browser_like.get("/bookings/somebody-elses")).status_code == 404
    fake.visit = visit_at(datetime.now(UTC) - timedelta(hours=1))
    assert "Cancel the visit" not in words(await browser_like.get(f"/bookings/{TOKEN}"))
    assert (await browser_like.get(f"/bookings/{TOKEN}/cancel")).status_code == 303


async def test_cancelling_pays_back_what_was_promised(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.visit = visit_at(fake.starts[0])
    page = await browser_like.get(f"/bookings/{TOKEN}/cancel")
    assert "You paid $120.00. $120.00 is paid back the way you paid" in words(page)
    # Meanwhile the terms allow less.
    fake.quote = {"id": "Q2", "paid": 120.0, "refund": 60.0}
    answer = await browser_like.post(f"/bookings/{TOKEN}/cancel", data={"quote": "Q1"})
    assert fake.visit["status"] == "CONFIRMED"
    page = await browser_like.get(answer.headers["location"])
    assert "The refund has changed since." in words(page)
    assert "$60.00 is paid back" in words(page)
    await browser_like.post(f"/bookings/{TOKEN}/cancel", data={"quote": "Q2"})
    text = words(await browser_like.get(f"/bookings/{TOKEN}"))
    assert "Your booking is cancelled." in text
    assert "Refund $60.00, on its way" in text


@pytest.mark.parametrize(
    ("returns", "told"),
    [
        (True, "A session of your package pays for this visit. It goes back to your package , if you cancel now."),
        (False, "It is too late to have it back: the session is used up ."),
        (None, "Nothing was paid for this visit yet, so there is nothing to pay back."),
    ],
)
async def test_what_becomes_of_a_packages_session_is_said_before(
    browser_like: httpx.AsyncClient, fake: FakeShop, *, returns: bool | None, told: str
) -> None:
    fake.visit = visit_at(fake.starts[0])
    fake.quote = {"id": "Q1", "paid": 0.0, "refund": 0.0, "returnsSession": returns}
    assert told in words(await browser_like.get(f"/bookings/{TOKEN}/cancel"))


async def test_a_cancelled_visit_leads_on(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.visit = visit_at(fake.starts[0])
    assert "Book another visit" not in words(await browser_like.get(f"/bookings/{TOKEN}"))
    fake.visit |= {"status": "CANCELLED"}
    assert "Book another visit" in words(await browser_like.get(f"/bookings/{TOKEN}"))


async def test_the_checkout_shows_the_time_that_is_paid_for(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    await hold(browser_like, fake)
    start = fake.starts[0]
    when = f"{start:%A} {start.day} {start:%B %Y}, 09:00 (Berlin), with Example practitioner A Held for you until"
    assert when in words(await browser_like.get("/checkout/details")).partition("Your order")[2]
    person = {"billing.firstName": "Example", "billing.lastName": "Shopper", "billing.country": "US"}
    await browser_like.post("/checkout/details", data={"email": "shopper@example.com", **person})
    assert when in words(await browser_like.get("/checkout/payment")).partition("Your order")[2]
    held = (await browser_like.get("/checkout/payment")).text
    assert 'action="/cart/lines/extend"' in held
    longer = await browser_like.post("/cart/lines/extend", data={"lineId": VISIT, "next": "/checkout/payment"})
    assert longer.headers["location"] == "/checkout/payment"
    # Nobody paid while it was held.
    fake.holds[VISIT] |= {"state": "LOST"}
    fake.problems = ["CheckoutLineProblemInsufficientStock"]
    answer = await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    assert answer.headers["location"] == "/cart"
    told = words(await browser_like.get("/cart"))
    assert "The time in your cart was not paid for while it was held, and others may take it now." in told
    assert "TransactionInitialize" not in fake.operations


async def test_moving_to_another_time(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.visit = visit_at(fake.starts[0])
    page = await browser_like.get(f"/bookings/{TOKEN}/move")
    assert page.text.count('name="slotToken"') == 3
    fake.taken.add(slot(fake.starts[1]))
    answer = await browser_like.post(f"/bookings/{TOKEN}/move", data={"slotToken": slot(fake.starts[1])})
    assert answer.status_code == 422
    assert "Your booking is unchanged. These are free:" in words(answer)
    await browser_like.post(f"/bookings/{TOKEN}/move", data={"slotToken": slot(fake.starts[2])})
    text = words(await browser_like.get(f"/bookings/{TOKEN}"))
    assert "Your booking has its new time." in text
    assert ", 11:00" in text


async def test_the_accounts_visits(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await browser_like.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert "You have not booked anything yet." in words(await browser_like.get("/account/bookings"))
    assert "You have no package of sessions." in words(await browser_like.get("/account/packages"))
    fake.visit = visit_at(fake.starts[0])
    page = await browser_like.get("/account/bookings")
    assert f'href="/bookings/{TOKEN}"' in page.text
    assert "With Example practitioner A Confirmed" in words(page)


async def test_what_the_practice_has_not_agreed_to_is_withdrawn(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    fake.visit = visit_at(fake.starts[0]) | {"status": "PENDING_APPROVAL"}
    page = words(await browser_like.get(f"/bookings/{TOKEN}"))
    assert "Withdraw the request" in page
    assert "Choose another time" not in page
    cancel = await browser_like.get(f"/bookings/{TOKEN}/cancel")
    assert "Choose another time instead" not in cancel.text
    done = await browser_like.post(f"/bookings/{TOKEN}/cancel", data={"quote": "Q1"})
    assert "Your booking is cancelled." in words(await browser_like.get(done.headers["location"]))


QUESTIONS = [
    {"key": "allergies", "label": "Any allergies?", "kind": "TEXT", "choices": [], "isRequired": False},
    {"key": "side", "label": "Which side?", "kind": "CHOICE", "choices": ["left", "right"], "isRequired": True},
    {
        "key": "areas",
        "label": "Which areas?",
        "kind": "MULTIPLE_CHOICE",
        "choices": ["crown", "front"],
        "isRequired": False,
    },
    {"key": "before", "label": "Here before?", "kind": "BOOLEAN", "choices": [], "isRequired": False},
    {"key": "since", "label": "Since when?", "kind": "DATE", "choices": [], "isRequired": False},
]


async def test_questions_before_a_visit(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    address = f"/bookings/{TOKEN}/questions"
    assert (await browser_like.get(address)).status_code == 404
    fake.visit = visit_at(fake.starts[0])
    # A visit before which nothing is asked.
    assert (await browser_like.get(address)).status_code == 404
    assert "Before you come" not in words(await browser_like.get(f"/bookings/{TOKEN}"))
    fake.visit |= {"intakeQuestions": QUESTIONS}
    assert "Answer the questions" in words(await browser_like.get(f"/bookings/{TOKEN}"))
    page = await browser_like.get(address)
    assert page.headers["cache-control"] == "no-store"
    assert "Any allergies? (optional)" in words(page)
    assert page.text.count('type="checkbox" name="areas"') == 2
    assert 'type="date"' in page.text
    wrong = await browser_like.post(
        address, data={"allergies": "None <b>", "areas": ["crown", "front"], "before": "true"}
    )
    assert wrong.status_code == 422
    assert "Which side?: An answer is needed." in words(wrong)
    assert "None &lt;b&gt;</textarea>" in wrong.text
    assert wrong.text.count(" checked") == 3
    done = await browser_like.post(address, data={"side": "left", "areas": ["crown", "front"], "unknown": "x"})
    assert done.headers["location"] == f"/bookings/{TOKEN}"
    assert fake.answers == {"allergies": [], "side": ["left"], "areas": ["crown", "front"], "before": [], "since": []}
    shown = words(await browser_like.get(f"/bookings/{TOKEN}"))
    assert "Thank you, we have your answers." in shown
    # What was answered is nowhere to be read.
    assert " checked" not in (await browser_like.get(address)).text


async def test_waiting_for_a_time(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    link = f"/waitlist?variant={VISIT}"
    assert link in (await browser_like.get(PAGE)).text
    form = await browser_like.get(link, params={"variant": VISIT})
    assert f'name="variant" value="{VISIT}"' in form.text
    assert "Course of 3 consultations, Size 1 Tell us on which days you could come." in words(form)
    assert (await browser_like.get("/waitlist?variant=nothing")).status_code == 404
    assert (await browser_like.post("/waitlist", data={"variant": "nothing"})).status_code == 404
    for typed, text in (
        ({"from": "soon", "to": "2030-01-02", "email": "a@example.com"}, "First day: Please choose a day."),
        ({"from": "2030-01-01", "to": "2030-01-02", "email": "nobody"}, "E-mail: This is no e-mail address."),
    ):
        refused = await browser_like.post("/waitlist", data={"variant": VISIT} | typed)
        assert refused.status_code == 422
        assert text in words(refused)
    assert fake.wishes == []
    browser_like.cookies.set("shop_zone", "Europe%2FBerlin")
    days = {"from": "2030-01-01", "to": "2030-01-02", "email": "a@example.com"}
    done = await browser_like.post("/waitlist", data={"variant": VISIT} | days)
    assert done.headers["location"] == PAGE
    assert "We write to you as soon as a time is free." in words(await browser_like.get(done.headers["location"]))
    (wish,) = fake.wishes
    assert (wish["variantId"], wish["email"]) == (VISIT, "a@example.com")
    # The last day is one of them.
    assert (wish["from"], wish["to"]) == ("2029-12-31T23:00:00+00:00", "2030-01-02T23:00:00+00:00")
    await browser_like.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert 'name="email"' not in (await browser_like.get(link)).text.partition("<main")[2].partition("</main")[0]
    await browser_like.post("/waitlist", data={"variant": VISIT} | days)
    assert fake.wishes[1]["email"] is None


async def test_an_offer_is_taken_by_its_link(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.sell_times()
    assert (await browser_like.get(f"/waitlist/{PLACE}")).status_code == 404
    fake.offer("WAITING")
    assert "Nothing is free yet." in words(await browser_like.get(f"/waitlist/{PLACE}"))
    fake.offer()
    page = await browser_like.get(f"/waitlist/{PLACE}")
    start = fake.starts[0]
    assert f"{start:%A} {start.day} {start:%B %Y}, 09:00 (Berlin)" in words(page)
    assert page.headers["cache-control"] == "no-store"
    fake.taken.add(slot(start))
    late = await browser_like.post(f"/waitlist/{PLACE}/take")
    assert "Nothing is offered any more." in words(await browser_like.get(late.headers["location"]))
    fake.taken.clear()
    # A cart that is gone makes room for a new one.
    browser_like.cookies.set("shop_cart_us", "gone")
    done = await browser_like.post(f"/waitlist/{PLACE}/take")
    assert done.headers["location"] == "/cart"
    cart = words(await browser_like.get("/cart"))
    assert f"{start:%A} {start.day} {start:%B %Y}, 09:00 (Berlin)" in cart
    assert "You have taken the time that was offered." in words(await browser_like.get(f"/waitlist/{PLACE}"))
    assert "That is over." in words(
        await browser_like.get((await browser_like.post(f"/waitlist/{PLACE}/leave")).headers["location"])
    )


async def test_who_does_not_want_an_offer_lets_it_go(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.offer()
    left = await browser_like.post(f"/waitlist/{PLACE}/leave")
    page = words(await browser_like.get(left.headers["location"]))
    assert "You do not wait any more." in page
    assert "Take this time" not in page
