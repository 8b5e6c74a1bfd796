"""Web servers side by side, under one application that reads the body, computes for about 100 µs, and answers."""
