"""Commands and the practice cluster in one process: no sockets, no child processes, no waiting.

`cluster` is what tests use: it runs command lines against the practice API, over a `transport`
that calls the API's handler. `turns` lets the threads of the commands and the cluster's event loop
run one at a time, in virtual time; `containers` says what the labs' containers do.
"""
