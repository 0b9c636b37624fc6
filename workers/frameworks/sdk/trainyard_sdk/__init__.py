"""What every trainer of Trainyard has in common: the protocol, images as the platform sees them, and a loop that goes on
exactly where it was killed."""
