"""The names of the files in the folder of a liquid."""

STUDY = "liquid.toml"
MOLECULES = "molecules.json"
GEOMETRIES = "molecules.extxyz"
#: folders of single molecules by CP2K, by the hash of geometry and level of theory
ION_STORE = "ions"
#: molecules as CP2K refined them, and their geometries, which go before those of molecules.extxyz
IONS = "ions.json"
ION_GEOMETRIES = "ions.extxyz"
MODES = "modes.json"
BOXES = "boxes"
RELAXED_BOXES = "relaxed_boxes"
BARRIER = "barrier.json"
PRODUCTION_BOXES = "production_boxes"
FRAMES = "frames.extxyz"
TRAJECTORIES = "frames"
#: first-principles trajectories, a folder each
FIRST_PRINCIPLES = "first_principles"
#: folders of single labels, by the hash of frame and teacher
LABEL_STORE = "labels"
LABELS = "labels.extxyz"
LABEL_TABLE = "labels.json"
JOBS = "jobs"
#: runs of molecular dynamics, a folder each with run.json
DYNAMICS = "dynamics"
#: what was measured of each run, a folder each
ANALYSIS = "analysis"
#: barriers of reactions, and the images of their paths
BARRIER = "barrier.json"
BARRIERS = "barrier"
TRANSPORT = "transport.json"
ELECTROLYTE = "electrolyte.toml"
#: trainings of potentials, a folder each with data, inputs and checkpoints
TRAINING = "training"
#: the potential, with its models beside potential.json; and those on the way to it, in the same form
POTENTIAL = "potential"
POTENTIAL_RECORD = "potential.json"
CORRECTION = "correction"
PRETRAINED = "pretrained"
TRAINED = "trained"
REFINED = "refined"
#: cheap labels, and the trajectories that they are of
PRETRAINING_LABELS = "pretraining.extxyz"
PRETRAINING_TRAJECTORIES = "pretraining_frames"
#: rounds of refining, a folder each
REFINING = "refining"
REFINING_RECORD = "refining.json"
VALIDATION = "validation"
VALIDATION_RECORD = "validation.json"
