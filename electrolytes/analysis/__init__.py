"""Structure, vibrations, transport and reactions of a liquid from a trajectory that anybody made."""
