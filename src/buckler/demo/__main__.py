"""`python -m buckler.demo`: the embedded AWS with the shop in it, until Ctrl-C, for people who want to look around."""

import threading

from buckler.demo.embedded import EmbeddedAws
from buckler.demo.shop import deploy


def main() -> None:
    """Serve until interrupted."""
    with EmbeddedAws() as aws:
        shop = deploy(aws.endpoint)
        print(f"{shop.functions} functions in accounts {' and '.join(shop.accounts)}, regions {' and '.join(shop.regions)}")  # noqa: T201 - this is what it is run for
        print(f"export AWS_ENDPOINT_URL={aws.endpoint} AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_REGION={shop.regions[0]}")  # noqa: T201 - this is what it is run for
        print("Ctrl-C ends it", flush=True)  # noqa: T201 - this is what it is run for
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
