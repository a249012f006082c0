"""Who may do what: users, rules and bindings, impersonation, tokens of service accounts."""
