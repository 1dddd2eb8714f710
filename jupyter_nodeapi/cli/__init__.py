"""Subcommands of ``jupyter nodeapi``: one file each, and what they share.

::

    doctor.py     says what works, what does not, and what to do about it
    checks.py     what the doctor looks at, one function a topic
    kernels.py    what the doctor sees of the kernels' environments
    clean.py      sweeps what has expired, now
    openapi.py    prints the OpenAPI document
    settings.py   the extension's settings as a server would have them
"""
