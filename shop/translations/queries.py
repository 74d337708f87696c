"""Translations by what they translate, and rows by their slug in a language."""

from typing import Final

from sqlalchemy import Integer, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.translations.models import Translation

_KIND: Final = bindparam("kind", type_=Text)
_LANGUAGE: Final = bindparam("language", type_=Text)

TRANSLATIONS: Final = select(Translation.id.label("pk"), Translation.row_id, Translation.slug, Translation.texts).where(
    Translation.kind == _KIND,
    Translation.language == _LANGUAGE,
    Translation.row_id == any_(bindparam("ids", type_=ARRAY(Integer))),
)
# In all languages, by their tags. Parameters: `kind`, `ids`.
TRANSLATIONS_OF_ROWS: Final = (
    select(Translation.row_id, Translation.language, Translation.texts)
    .where(Translation.kind == _KIND, Translation.row_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(Translation.row_id, Translation.language)
)
ROW_BY_SLUG: Final = select(Translation.row_id).where(
    Translation.kind == _KIND, Translation.language == _LANGUAGE, Translation.slug == bindparam("slug", type_=Text)
)
# In which languages rows have a slug.
SLUGS: Final = (
    select(Translation.row_id, Translation.language, Translation.slug)
    .where(
        Translation.kind == _KIND,
        Translation.row_id == any_(bindparam("ids", type_=ARRAY(Integer))),
        Translation.slug.is_not(None),
    )
    .order_by(Translation.row_id, Translation.language)
)
