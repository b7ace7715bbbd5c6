"""``python -m mypage`` is the ``mypage`` command."""

from mypage.cli import main

if __name__ == "__main__":
    main()
