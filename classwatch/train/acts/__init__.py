"""What people do, learnt from simulated people: lessons, sightings with errors, fitting, scores."""
