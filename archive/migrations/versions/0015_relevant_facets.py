"""What holds of a relevant story is filed in the search index once more, for relevant stories alone."""

from __future__ import annotations

import re

from alembic import context, op

from archive.search.facets import RELEVANT
from archive.search.refiling import file_anew

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OF_RELEVANT = re.compile(rf" {re.escape(RELEVANT)}[^ ]+")  # never the first: a day comes before it


def upgrade() -> None:
    file_anew(op.get_bind(), tell=context.config.attributes.get("tell"))


def downgrade() -> None:
    file_anew(op.get_bind(), written=lambda filed: _OF_RELEVANT.sub("", filed))
