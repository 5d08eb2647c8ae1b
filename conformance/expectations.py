"""What cases assert."""

import grpc


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {found!r}, wanted {wanted!r}")


def expect_refused(code, text, call):
    """Expects an RPC to fail with a code and a text in its message."""
    try:
        call()
    except grpc.RpcError as error:
        expect(error.code(), code)
        if text not in error.details():
            raise AssertionError(f"{error.details()!r} does not contain {text!r}")
        return
    raise AssertionError("was answered")
