"""The sample operator: a customer master, contracts and bills as a real core system would hand them over.

Pure generation: the same seed and last month give the same bytes, in memory that does not grow with the
number of customers.
"""
