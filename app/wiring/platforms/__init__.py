"""What the front does for each platform: one folder each, with its settings group and its front."""
