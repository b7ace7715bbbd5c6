"""What our pages are measured against: a bare Flask that says hello."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Nothing but the framework."""
    return "hello"
