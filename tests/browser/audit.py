"""Opens documents in a real browser and tells what in them runs, or would.

Each document is opened in a frame of its own and many at a time: that is several times as fast as going from page to
page, and a frame's document is read, and runs, as a page's is.
"""

import itertools
from collections.abc import Iterable
from typing import Final

from playwright.sync_api import Page

# What payloads call.
INIT: Final = "window.__pwned = []; window.pwned = n => { window.__pwned.push(n); };"
# What ran, what would run when somebody points at it, and structured data that is no JSON any more.
_AUDIT: Final = """async (documents) => {
  const audit = (frame) => {
    const { contentWindow: window, contentDocument: document } = frame;
    if (!document) return ['went elsewhere'];
    const found = window.__pwned.map(() => 'ran');
    if (!document.body.textContent.includes('pwned')) found.push('shows nothing of it');
    const asked = new Set(['href', 'src', 'action', 'formaction', 'data', 'srcdoc', 'xlink:href']);
    for (const element of document.querySelectorAll('*')) {
      const name = element.localName;
      if (['iframe', 'object', 'embed', 'base', 'style', 'marquee', 'portal', 'math'].includes(name)) found.push(name);
      if (name === 'meta' && element.httpEquiv) found.push('meta http-equiv');
      if (name === 'script') {
        if (element.type === 'application/ld+json') JSON.parse(element.textContent);
        else if (!(element.getAttribute('src') || '').startsWith('/static/')) found.push('script');
      }
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith('on') || attribute === 'style') found.push(name + ' ' + attribute);
        const address = value.replace(/[\\u0000-\\u0020]/g, '').toLowerCase();
        if (asked.has(attribute) && /^(javascript|vbscript|data:text)/.test(address)) found.push(name + ' ' + address);
      }
    }
    return found;
  };
  // Nobody looks at them: what only runs when it is drawn or pointed at is found among the attributes.
  const made = html => Object.assign(document.createElement('iframe'), { srcdoc: html, hidden: true });
  const frames = documents.map(made);
  await Promise.all(frames.map(frame => new Promise(loaded => {
    frame.addEventListener('load', loaded, { once: true });
    document.body.append(frame);
  })));
  // What a document starts while it loads is heard of after that.
  await new Promise(done => setTimeout(done, 50));
  const found = frames.map(audit);
  for (const frame of frames) frame.remove();
  return found;
}"""
_AT_ONCE: Final = 60


def found_in(page: Page, documents: Iterable[str]) -> list[list[str]]:
    """What runs, or would, in each of the documents. `page`: one whose context ignores policies and runs `INIT`."""
    coming = iter(documents)
    found: list[list[str]] = []
    while part := list(itertools.islice(coming, _AT_ONCE)):
        told: list[list[str]] = page.evaluate(_AUDIT, part)
        found += told
    return found
