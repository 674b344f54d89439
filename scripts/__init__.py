"""Call scripts: what a caller knows, how a call unfolds, and how it is marked.

`scripts/` means call scripts, not shell scripts. Everything here is pure but `shelf`, which reads the disk:
time and chance come in as arguments, and no module knows of sound or network.
"""
