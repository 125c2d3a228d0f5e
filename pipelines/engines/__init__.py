"""Builds on engines of Beam's that run on many machines: Spark, Flink, Dataflow, Prism."""
