"""The names of the files in the folder of a liquid."""

STUDY = "liquid.toml"
MOLECULES = "molecules.json"
GEOMETRIES = "molecules.extxyz"
BOXES = "boxes"
PRODUCTION_BOXES = "production_boxes"
FRAMES = "frames.extxyz"
TRAJECTORIES = "frames"
#: folders of single labels, by the hash of frame and teacher
LABEL_STORE = "labels"
LABELS = "labels.extxyz"
LABEL_TABLE = "labels.json"
JOBS = "jobs"
#: runs of molecular dynamics, a folder each with run.json
DYNAMICS = "dynamics"
#: what was measured of each run, a folder each
ANALYSIS = "analysis"
TRANSPORT = "transport.json"
ELECTROLYTE = "electrolyte.toml"
