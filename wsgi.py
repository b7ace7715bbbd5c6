"""The WSGI application for a server of one's choice: ``granian --interface wsgi wsgi:app``."""

import gc

from mypage.app import create_app
from mypage.web import json_log

json_log.start()
app = create_app()

# All that was made so far lives as long as the process: looking through it again and again for garbage took a tenth
# of the time of a page.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 20, 50)
