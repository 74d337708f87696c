"""What is wrong with a page as it stands in the browser: for axe, for who reads it as it comes, on a narrow phone, for
thumbs.
"""

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

# WCAG 2.2 at level AA, and what axe's makers hold for good practice besides.
_RULES: Final[dict[str, Any]] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Notes what moves although nobody touched anything, and where it was. Source: Layout Instability, 2.
_WATCH: Final = """
window.__moved = [];
window.__note = (list) => {
  for (const shift of list) {
    if (shift.hadRecentInput) continue;
    if (!shift.sources.length) window.__moved.push(`something, by ${shift.value}`);
    for (const { node, previousRect: from, currentRect: to } of shift.sources) {
      const name = node && (node.outerHTML || node.textContent || '').slice(0, 80);
      window.__moved.push(`${name}: ${[from, to].map((r) => [r.x, r.y, r.width, r.height].map(Math.round))}`);
    }
  }
};
window.__watch = new PerformanceObserver((list) => window.__note(list.getEntries()));
window.__watch.observe({ type: 'layout-shift', buffered: true });
"""
# Once what is painted next is painted as well.
_MOVED: Final = """() => new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.__note(window.__watch.takeRecords());
  tell(window.__moved);
})))"""
# Links within text and links whose whole card is their target are as large as they need to be. Source: WCAG 2.5.5.
_HARD_TO_HIT: Final = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((element) => {
    const { width, height } = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!element.checkVisibility({ visibilityProperty: true }) || !width || !height) return false;
    if (element.closest('.sr-only, .skip, .comment-trap, [inert]') || height >= 44) return false;
    if (element.localName === 'a' && style.display === 'inline') {
      return element.parentElement.textContent.trim() === element.textContent.trim()
        && getComputedStyle(element, '::after').position !== 'absolute';
    }
    const label = element.labels && element.labels[0];
    return !(['checkbox', 'radio'].includes(element.type) && label && label.getBoundingClientRect().height >= 44);
  })
  .map((element) => element.outerHTML.slice(0, 100))
"""


def watch(context: BrowserContext) -> None:
    """From now on pages note what moves on them."""
    context.add_init_script(_WATCH)


def moved(page: Page) -> list[str]:
    """What moved after it was first painted: this page's CLS is 0 where nothing did."""
    found: list[str] = page.evaluate(_MOVED)
    return found


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that axe finds broken, with the elements that break them."""
    rules = Axe().run(page, options=_RULES).response["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in rules]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    beyond: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return beyond


def hard_to_hit(page: Page) -> list[str]:
    """What is lower than a thumb is wide, 44 pixels."""
    found: list[str] = page.evaluate(_HARD_TO_HIT)
    return found
