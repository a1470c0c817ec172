"""The service itself (本系统): when it was away, and what that means for waits."""
