"""The WSGI application for a server of one's choice: ``granian --interface wsgi wsgi:app``."""

from mypage.app import create_app
from mypage.web import json_log

json_log.start()
app = create_app()
