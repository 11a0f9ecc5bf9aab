"""The console: who may sign in, what each role may see, and the frame its pages stand in."""
