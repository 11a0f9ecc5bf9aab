"""Recording calls whose callers have agreed: both directions, in whole pieces, sealed with the caller's own key."""
