"""The CronJob controller: pure decisions beside one reconcile loop.

missed.py says which run is due, history.py which Jobs are too old, plan.py what to do now and when
to look again; cronjobs.py does it. Follows pkg/controller/cronjob of Kubernetes 1.37; each module
names its upstream file.
"""
