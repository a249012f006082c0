"""The API over HTTPS: paths, options, bodies, answers, watches and logs."""
