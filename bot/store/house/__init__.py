"""What the house itself keeps: topics, connections, budgets, audit, the local feed."""
