"""What the house itself keeps: topics, connections, switches, audit, the local feed."""
