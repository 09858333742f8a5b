"""Numbers that count up beside the times: a clock may be put back, and what came later must still come later."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add them, in the order that the times tell."""
    for table, column, time in (("runs", "number", "created"), ("projects", "touched", "updated")):
        op.add_column(table, sa.Column(column, sa.Integer, nullable=False, server_default="0"))
        rows = sa.table(table, sa.column("id"), sa.column(column), sa.column(time))
        connection = op.get_bind()
        ids = connection.execute(sa.select(rows.c.id).order_by(rows.c[time], rows.c.id)).scalars().all()
        for number, id in enumerate(ids, start=1):
            connection.execute(sa.update(rows).where(rows.c.id == id).values({column: number}))
        op.create_index(f"ix_{table}_{column}", table, [column])
