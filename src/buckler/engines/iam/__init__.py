"""The IAM engine. `decide` is its obvious twin: one concrete request, answered as AWS's evaluation logic does."""

from buckler.engines.iam.decide import Answer, Decision, decide

__all__ = ["Answer", "Decision", "decide"]
