"""The flags that every command takes: kubectl's for the connection, and joblab's own."""

from __future__ import annotations

from kubectl_joblab.cli.syntax.declare import Flag
from kubectl_joblab.locales import CODES

OURS = ("lab_path", "plain", "lang")  # all others are kubectl's, explained in its words
COMMON: tuple[Flag, ...] = (
    Flag(
        ("-n", "--namespace"),
        "namespace",
        "text",
        "If present, the namespace scope for this CLI request",
    ),
    Flag(
        ("--kubeconfig",),
        "kubeconfig",
        "text",
        "Path to the kubeconfig file to use for CLI requests.",
    ),
    Flag(("--context",), "context", "text", "The name of the kubeconfig context to use"),
    Flag(("--cluster",), "cluster", "text", "The name of the kubeconfig cluster to use"),
    Flag(("--user",), "user", "text", "The name of the kubeconfig user to use"),
    Flag(("-s", "--server"), "server", "text", "The address and port of the Kubernetes API server"),
    Flag(("--token",), "token", "text", "Bearer token for authentication to the API server"),
    Flag(("--as",), "as_user", "text", "Username to impersonate for the operation."),
    Flag(("--as-uid",), "as_uid", "text", "UID to impersonate for the operation."),
    Flag(
        ("--as-group",),
        "as_groups",
        "text",
        "Group to impersonate for the operation, this flag can be repeated.",
        many=True,
    ),
    Flag(
        ("--certificate-authority",),
        "certificate_authority",
        "text",
        "Path to a cert file for the certificate authority",
    ),
    Flag(
        ("--client-certificate",),
        "client_certificate",
        "text",
        "Path to a client certificate file for TLS",
    ),
    Flag(("--client-key",), "client_key", "text", "Path to a client key file for TLS"),
    Flag(
        ("--insecure-skip-tls-verify",),
        "insecure_skip_tls_verify",
        "",
        "If true, the server's certificate will not be checked for validity.",
        default=False,
    ),
    Flag(
        ("--tls-server-name",),
        "tls_server_name",
        "text",
        "Server name to use for server certificate validation.",
    ),
    Flag(
        ("--request-timeout",),
        "request_timeout",
        "duration",
        "The length of time to wait before giving up on a single server request.",
    ),
    Flag(
        ("--lab-path",),
        "lab_path",
        "text",
        "A folder with labs of your own, beside those of joblab (or JOBLAB_PATH).",
    ),
    Flag(
        ("--plain",),
        "plain",
        "",
        "Print for a screen reader: no colour, no drawing, nothing redrawn.",
        default=False,
    ),
    Flag(
        ("--lang",),
        "lang",
        "choice",
        "The language of labs and messages; else the locale's.",
        values=CODES,
    ),
)
