"""Stored pictures by their ids."""

from sqlalchemy import Integer, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.media.models import Asset

ASSETS_BY_ID = select(Asset.id, Asset.path).where(Asset.id == any_(bindparam("ids", type_=ARRAY(Integer))))
