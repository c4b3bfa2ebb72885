"""Jobs of the electrolyte stage on this machine or a cluster, by dpdispatcher."""
