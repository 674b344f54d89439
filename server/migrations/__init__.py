"""The steps that bring a site's database to this program's tables; `server.migrating` takes them.

One file in `versions` for each step, named `v0002_what_it_adds.py`, with `revision = "0002"` and the step before it
as its `down_revision`. A step spells its tables out: those of `server.schema` go on changing, a step never does.
"""
