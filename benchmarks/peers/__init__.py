"""The engines: functions that prepare a `benchmarks.worker.Workload`.

They run in a process of their own, and only there import the packages they need.
"""
