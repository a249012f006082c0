"""The Job controller: policies as pure functions beside one reconcile loop.

reconcile observes a Job and its Pods, manage and finish plan, tracking does the accounts. Follows
pkg/controller/job of Kubernetes 1.37; each module names its upstream file.
"""
