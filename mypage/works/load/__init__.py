"""Load files of the core billing system: receive → spool → check → stage. The rules live in ``domain``.

A delivery is what was handed over together. Nothing of it is staged before all of it was checked without an
error, and nothing staged is seen before :func:`mypage.services.publication.publish`.
"""
