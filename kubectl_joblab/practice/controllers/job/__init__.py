"""The Job controller: policies as pure functions beside one reconcile loop.

snapshot.py observes a Job and its Pods, manage.py and finish.py decide what to do, reconcile.py
does it and tracking.py counts the Pods that have ended. Follows pkg/controller/job of Kubernetes
1.37; each module names its upstream file.
"""
