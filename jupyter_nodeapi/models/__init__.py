"""Models: which exist, which are installed, and how the missing ones come here whole.

::

    schemas        the words: registry entries, plans, manifests, replies
    entries        one entry of a registry file, believed only after it was checked
    registry       which models exist: models.d files, entry points, traits
    catalog        which are installed; listing    what a client sees of both
    huggingface    what the Hub says of a repository (metadata only)
    addresses, transport, mover                    bytes from elsewhere, resumable and hashed
    local          bytes from a shared folder
    install        the work of a job: plan, stage, verify, publish, manifest last
    models         the service; handlers           its HTTP face
"""
