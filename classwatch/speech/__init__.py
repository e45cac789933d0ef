"""Voice activity, recognition, speakers and roles from sound."""
