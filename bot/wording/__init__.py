"""What the brand says: judged, composed, split, restated (pure)."""
