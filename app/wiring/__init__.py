"""From the settings to one running process."""
