"""What agents see: the calls that go on, callbacks, what they have written, and themselves."""
